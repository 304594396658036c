//! The tables of the service's own work and of its messages, as the migrations leave them.

diesel::table! {
    job_planned (job, area_code) {
        job -> Text,
        area_code -> Text,
        planned_to -> Timestamp,
        schedule -> Text,
    }
}

diesel::table! {
    job_slot (number) {
        number -> BigInt,
        job -> Text,
        area_code -> Text,
        due_at -> Timestamp,
        origin -> Text,
        state -> Text,
        free_from -> Timestamp,
        term -> BigInt,
        tries -> Integer,
        ended_at -> Nullable<Timestamp>,
        outcome -> Text,
        told -> Text,
    }
}

diesel::table! {
    job_run (slot, term) {
        slot -> BigInt,
        term -> BigInt,
        instance -> Text,
        started_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        fault -> Text,
    }
}

diesel::table! {
    computation (area_code, as_at, number) {
        area_code -> Text,
        as_at -> Integer,
        number -> Integer,
        inputs_sha256 -> Text,
        positions_sha256 -> Text,
        slot -> BigInt,
        computed_at -> Timestamp,
    }
}

diesel::table! {
    message (number) {
        number -> BigInt,
        kind -> Text,
        area_code -> Text,
        subject -> Text,
        person -> Integer,
        message_id -> Text,
        title -> Text,
        body -> Text,
        made_at -> Timestamp,
        state -> Text,
        free_from -> Timestamp,
        term -> BigInt,
        sent_to -> Text,
        sent_at -> Nullable<Timestamp>,
        sha256 -> Text,
        told -> Text,
    }
}
