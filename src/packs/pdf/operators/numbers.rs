//! Numbers and colours in the fewest characters.

use super::super::super::document::Ink;

/// Writes a whole number.
pub fn number(out: &mut Vec<u8>, value: i32) {
    if value < 0 {
        out.push(b'-');
    }
    let mut rest = value.unsigned_abs();
    let mut digits = [0; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Writes hundredths of a point in the tenths that a page is measured in.
pub fn hundredths(out: &mut Vec<u8>, value: i32) {
    number(out, value / 10);
    if value % 10 != 0 {
        out.push(b'.');
        out.push(b'0' + (value % 10) as u8);
    }
}

/// Writes a colour in thousandths.
pub fn colour(out: &mut Vec<u8>, ink: Ink, operator: &[u8]) {
    for part in ink.rgb() {
        let thousandths = (u32::from(part) * 1000 + 127) / 255;
        if thousandths == 1000 {
            out.extend_from_slice(b"1 ");
        } else {
            out.push(b'.');
            for place in [100, 10, 1] {
                out.push(b'0' + (thousandths / place % 10) as u8);
            }
            out.push(b' ');
        }
    }
    out.extend_from_slice(operator);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_colours_are_written_in_the_fewest_characters() {
        let mut out = Vec::new();
        for value in [0, -7, 42, 8419, i32::MIN] {
            number(&mut out, value);
            out.push(b' ');
        }
        assert_eq!(out, b"0 -7 42 8419 -2147483648 ");
        let mut out = Vec::new();
        colour(&mut out, Ink::Paper, b"rg");
        // White is full measure of each.
        assert_eq!(out, b"1 1 1 rg");
    }
}
