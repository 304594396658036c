//! The tables as queries see them; the migrations say what each column means.

pub use jobs::{computation, job_planned, job_run, job_slot, message};

mod jobs;

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
    submission_facts (area_code, submission) {
        area_code -> Text,
        submission -> Integer,
        content -> Binary,
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

diesel::table! {
    person (id) {
        id -> Integer,
        email -> Text,
        name -> Text,
        state -> Text,
        password_hash -> Nullable<Text>,
        totp_secret -> Nullable<Text>,
        totp_proposed -> Nullable<Text>,
        totp_last_step -> Nullable<BigInt>,
        oidc_issuer -> Nullable<Text>,
        oidc_subject -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    role_held (person, role, area_code, partner_id) {
        person -> Integer,
        role -> Text,
        area_code -> Text,
        partner_id -> Text,
    }
}

diesel::table! {
    one_time_link (token_sha256) {
        token_sha256 -> Text,
        person -> Nullable<Integer>,
        purpose -> Text,
        made_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    recovery_code (person, code_sha256) {
        person -> Integer,
        code_sha256 -> Text,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    login_session (token_sha256) {
        token_sha256 -> Text,
        number -> Integer,
        person -> Integer,
        started_at -> Timestamp,
        last_seen_at -> Timestamp,
        confirmed_at -> Timestamp,
        way -> Text,
        address -> Text,
        browser -> Text,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    half_sign_in (token_sha256) {
        token_sha256 -> Text,
        person -> Integer,
        started_at -> Timestamp,
    }
}

diesel::table! {
    sign_in_attempt (number) {
        number -> Integer,
        email_sha256 -> Text,
        address -> Text,
        at -> Timestamp,
        succeeded -> Bool,
    }
}

diesel::table! {
    api_token (number) {
        number -> Integer,
        token_sha256 -> Text,
        person -> Integer,
        name -> Text,
        made_at -> Timestamp,
        expires_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sent_return (area_code, number) {
        area_code -> Text,
        number -> Integer,
        return_type -> Text,
        as_at -> Integer,
        partner_id -> Text,
        file_name -> Text,
        sha256 -> Text,
        way -> Text,
        row_count -> Integer,
        query_count -> Integer,
        comment -> Text,
        sent_by -> Integer,
        sent_at -> Timestamp,
    }
}

diesel::table! {
    return_decision (area_code, number) {
        area_code -> Text,
        number -> Integer,
        outcome -> Text,
        sent_by -> Integer,
        decided_by -> Integer,
        decided_at -> Timestamp,
        reason -> Text,
        submission -> Nullable<Integer>,
    }
}

diesel::table! {
    sent_return_file (area_code, number) {
        area_code -> Text,
        number -> Integer,
        byte_count -> BigInt,
        encoding -> Text,
        content -> Binary,
    }
}

diesel::table! {
    return_draft (area_code, as_at, person, return_type, partner_id) {
        area_code -> Text,
        as_at -> Integer,
        person -> Integer,
        return_type -> Text,
        partner_id -> Text,
        file_name -> Text,
        way -> Text,
        kept_at -> Timestamp,
        byte_count -> BigInt,
        encoding -> Text,
        content -> Binary,
    }
}

diesel::table! {
    return_draft_gone (person, number) {
        person -> Integer,
        number -> Integer,
        kept_at -> Timestamp,
        byte_count -> BigInt,
    }
}

diesel::table! {
    month_lock (area_code, as_at) {
        area_code -> Text,
        as_at -> Integer,
        why -> Text,
        locked_by -> Integer,
        locked_at -> Timestamp,
    }
}

diesel::table! {
    commentary (area_code, number) {
        area_code -> Text,
        number -> Integer,
        as_at -> Integer,
        subject -> Text,
        cause -> Text,
        action -> Text,
        action_by -> Nullable<Date>,
        owner -> Text,
        written_by -> Integer,
        written_at -> Timestamp,
        replaces -> Nullable<Integer>,
        closes -> Bool,
    }
}

diesel::table! {
    pack_draft (area_code, number) {
        area_code -> Text,
        number -> Integer,
        as_at -> Integer,
        manifest_sha256 -> Text,
        edition -> Text,
        release_at -> Timestamp,
        override_reason -> Text,
        prepared_by -> Integer,
        prepared_at -> Timestamp,
        state -> Text,
        decided_by -> Nullable<Integer>,
        decided_at -> Nullable<Timestamp>,
        reason -> Text,
        version -> Nullable<Integer>,
    }
}

diesel::table! {
    release (area_code, as_at, version) {
        area_code -> Text,
        as_at -> Integer,
        version -> Integer,
        release_at -> Timestamp,
        edition -> Text,
    }
}

diesel::table! {
    plan_proposal (number) {
        number -> Integer,
        sha256 -> Text,
        against -> Nullable<Integer>,
        note -> Text,
        proposed_by -> Integer,
        proposed_at -> Timestamp,
        state -> Text,
        decided_by -> Nullable<Integer>,
        decided_at -> Nullable<Timestamp>,
        edition -> Nullable<Integer>,
    }
}

diesel::table! {
    plan_proposal_area (proposal, area_code) {
        proposal -> Integer,
        area_code -> Text,
    }
}

diesel::table! {
    plan_proposal_file (proposal, name) {
        proposal -> Integer,
        name -> Text,
        encoding -> Text,
        content -> Binary,
    }
}

diesel::table! {
    idempotency_key (person, given_key) {
        person -> Integer,
        given_key -> Text,
        request_sha256 -> Text,
        status -> Nullable<Integer>,
        content_type -> Text,
        location -> Text,
        body -> Binary,
        made_at -> Timestamp,
    }
}

diesel::table! {
    audit_entry (number) {
        number -> BigInt,
        at -> Timestamp,
        person -> Nullable<Integer>,
        person_name -> Text,
        deed -> Text,
        area_code -> Text,
        subject -> Text,
        detail -> Text,
        request_id -> Text,
        previous_sha256 -> Text,
        sha256 -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(submission, submission_facts);
diesel::allow_tables_to_appear_in_same_query!(sent_return, sent_return_file);
diesel::allow_tables_to_appear_in_same_query!(plan_proposal, plan_proposal_file);
