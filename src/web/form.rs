//! Forms: fields with what is wrong with them, as `parts/faults` and `parts/fields` draw them.

use super::asked::Asked;
use crate::service::refusal::FieldFault;
use serde::Serialize;

/// A form, with everything that is wrong with what was entered.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Form {
    pub faults: Vec<FieldFault>,
    pub fields: Vec<Field>,
}

/// A field in which something is typed.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    id: &'static str,
    label: String,
    hint: String,
    /// The `type` of the control.
    kind: &'static str,
    value: String,
    error: String,
    autocomplete: &'static str,
    inputmode: &'static str,
    is_short: bool,
    /// The ids of what says more about it.
    described_by: String,
}

impl Field {
    pub fn text(id: &'static str, label: impl Into<String>) -> Field {
        Field {
            id,
            label: label.into(),
            hint: String::new(),
            kind: "text",
            value: String::new(),
            error: String::new(),
            autocomplete: "off",
            inputmode: "text",
            is_short: false,
            described_by: String::new(),
        }
    }

    pub fn email(id: &'static str, label: impl Into<String>) -> Field {
        Field { kind: "email", inputmode: "email", autocomplete: "username", ..Field::text(id, label) }
    }

    /// `autocomplete` is `current-password` or `new-password`.
    pub fn password(id: &'static str, label: impl Into<String>, autocomplete: &'static str) -> Field {
        Field { kind: "password", autocomplete, ..Field::text(id, label) }
    }

    /// A code from an app.
    pub fn code(id: &'static str, label: impl Into<String>) -> Field {
        Field { autocomplete: "one-time-code", is_short: true, ..Field::text(id, label) }
    }

    pub fn number(id: &'static str, label: impl Into<String>) -> Field {
        Field { inputmode: "numeric", is_short: true, ..Field::text(id, label) }
    }

    pub fn hint(self, hint: impl Into<String>) -> Field {
        Field { hint: hint.into(), ..self }
    }

    pub fn value(self, value: impl Into<String>) -> Field {
        Field { value: value.into(), ..self }
    }

    pub fn autocomplete(self, autocomplete: &'static str) -> Field {
        Field { autocomplete, ..self }
    }
}

impl Form {
    pub fn new(fields: Vec<Field>) -> Form {
        Form::refused(fields, Vec::new())
    }

    /// The form again, with what is wrong. Secrets are not put back into the page.
    pub fn refused(mut fields: Vec<Field>, mut faults: Vec<FieldFault>) -> Form {
        // In the order in which they stand on the page.
        faults.sort_by_key(|fault| {
            fields.iter().position(|field| field.id == fault.field).unwrap_or(fields.len())
        });
        for field in &mut fields {
            let fault = faults.iter().find(|fault| fault.field == field.id);
            field.error = fault.map(|fault| fault.message.clone()).unwrap_or_default();
            let mut described_by = Vec::new();
            if !field.hint.is_empty() {
                described_by.push(format!("{}-hint", field.id));
            }
            if !field.error.is_empty() {
                described_by.push(format!("{}-error", field.id));
            }
            field.described_by = described_by.join(" ");
            if field.kind == "password" {
                field.value.clear();
            }
        }
        Form { faults, fields }
    }

    /// The page's title: whoever hears it knows that something is wrong.
    pub fn title(&self, title: &str) -> String {
        if self.faults.is_empty() { title.to_owned() } else { format!("Error: {title}") }
    }

    /// The status of the page's answer.
    pub fn status(&self) -> u16 {
        if self.faults.is_empty() { 200 } else { 422 }
    }
}

impl Asked<'_> {
    /// A field of the form exactly as it was typed, spaces and all: for passwords.
    pub fn secret(&self, name: &str) -> &str {
        let found = self.form.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}
