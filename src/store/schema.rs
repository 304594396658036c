//! The tables as queries see them; the migrations say what each column means.

diesel::table! {
    plan_edition (number) {
        number -> Integer,
        sha256 -> Text,
        loaded_at -> Timestamp,
    }
}

diesel::table! {
    plan_file (edition, name) {
        edition -> Integer,
        name -> Text,
        sha256 -> Text,
        byte_count -> BigInt,
        encoding -> Text,
        content -> Binary,
    }
}

diesel::table! {
    submission (area_code, number) {
        area_code -> Text,
        number -> Integer,
        return_type -> Text,
        file_name -> Text,
        sha256 -> Text,
        byte_count -> BigInt,
        received_at -> Timestamp,
        sent_by -> Nullable<Text>,
        intake -> Text,
        replaces -> Nullable<Integer>,
        row_count -> Integer,
        accepted -> Integer,
    }
}

diesel::table! {
    submission_file (area_code, submission) {
        area_code -> Text,
        submission -> Integer,
        encoding -> Text,
        content -> Binary,
    }
}

diesel::table! {
    row_fault (area_code, submission, number) {
        area_code -> Text,
        submission -> Integer,
        number -> Integer,
        row -> Integer,
        code -> Text,
        severity -> Text,
        column_index -> Nullable<Integer>,
        heading -> Text,
        found -> Text,
        remedy -> Text,
    }
}

diesel::table! {
    intake_count (area_code, submission, severity, code) {
        area_code -> Text,
        submission -> Integer,
        severity -> Text,
        code -> Text,
        row_count -> Integer,
    }
}

diesel::table! {
    measure_fact (area_code, submission, row) {
        area_code -> Text,
        submission -> Integer,
        row -> Integer,
        measure_id -> Text,
        month -> Integer,
        partner_id -> Text,
        numerator -> BigInt,
        denominator -> Nullable<BigInt>,
    }
}

diesel::table! {
    target_fact (area_code, submission, row) {
        area_code -> Text,
        submission -> Integer,
        row -> Integer,
        measure_id -> Text,
        period -> Text,
        state -> Text,
        target -> Nullable<BigInt>,
    }
}

diesel::table! {
    finance_line (area_code, submission, row) {
        area_code -> Text,
        submission -> Integer,
        row -> Integer,
        month -> Integer,
        scheme_id -> Text,
        partner_id -> Text,
        budget -> BigInt,
        actual -> Nullable<BigInt>,
        forecast -> BigInt,
    }
}

diesel::table! {
    capitation_line (area_code, submission, row) {
        area_code -> Text,
        submission -> Integer,
        row -> Integer,
        month -> Integer,
        segment_id -> Text,
        practice_code -> Text,
        members -> BigInt,
        cost -> BigInt,
    }
}

diesel::table! {
    publication (area_code, as_at, version) {
        area_code -> Text,
        as_at -> Integer,
        version -> Integer,
        manifest_sha256 -> Text,
        plan_sha256 -> Text,
        published_at -> Timestamp,
    }
}

diesel::table! {
    publication_file (area_code, as_at, version, path) {
        area_code -> Text,
        as_at -> Integer,
        version -> Integer,
        path -> Text,
        sha256 -> Text,
        byte_count -> BigInt,
        encoding -> Text,
        content -> Binary,
    }
}
