//! Axes and their labels: round steps of 1, 2 or 5, with thousands, pounds and percentages as the
//! field writes them.

/// What a chart's numbers are, for their labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    #[default]
    Number,
    Pounds,
    Percent,
}

/// A linear axis from one tick to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    pub step: f64,
    pub ticks: Vec<f64>,
}

/// Beyond this a number is no figure of ours, and steps between such numbers lose their meaning.
const LARGEST: f64 = 1e15;

impl Axis {
    /// An axis that holds every value in at most `intervals` round steps; `None` where there is no
    /// value to hold. Equal values get room on both sides, and values of nought or more never bring
    /// the axis below nought.
    pub fn holding(values: impl Iterator<Item = f64>, from_zero: bool, intervals: u32) -> Option<Axis> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            let value = value.clamp(-LARGEST, LARGEST);
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            return None;
        }
        if from_zero {
            low = low.min(0.0);
            high = high.max(0.0);
        }
        if high - low <= high.abs().max(low.abs()) * 1e-9 {
            let room = if high == 0.0 { 1.0 } else { high.abs() * 0.05 };
            let all_positive = low >= 0.0;
            low -= room;
            high += room;
            if all_positive {
                low = low.max(0.0);
            }
        }
        Some(Axis::between(low, high, intervals.max(1)))
    }

    fn between(low: f64, high: f64, intervals: u32) -> Axis {
        let mut power = 10f64.powf(((high - low) / f64::from(intervals)).log10().floor());
        loop {
            for factor in [1.0, 2.0, 5.0] {
                let step = power * factor;
                // A hair's breadth is forgiven, so that 0.3 / 0.1 is three steps and not four.
                let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
                if last - first <= f64::from(intervals) {
                    let count = (last - first) as u32;
                    let ticks: Vec<f64> = (0..=count).map(|k| (first + f64::from(k)) * step).collect();
                    return Axis { low: first * step, high: last * step, step, ticks };
                }
            }
            power *= 10.0;
        }
    }

    /// How far along the axis a value lies, from 0 to 1.
    pub fn share(&self, value: f64) -> f32 {
        (((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)) as f32
    }

    /// A label for each tick.
    pub fn labels(&self, unit: Unit) -> Vec<String> {
        let largest = self.low.abs().max(self.high.abs());
        let (divisor, suffix) = match unit {
            Unit::Number | Unit::Percent => (1.0, ""),
            Unit::Pounds => thousands_or_millions(largest),
        };
        let places = places_of(self.step / divisor);
        let label = |tick: &f64| {
            if *tick == 0.0 {
                written(0.0, 0, unit, "")
            } else {
                written(tick / divisor, places, unit, suffix)
            }
        };
        self.ticks.iter().map(label).collect()
    }
}

/// A value as a short label: "£1.25m", "£340k", "£12.5k", "£950", "82.4%", "7,989".
pub fn short_label(value: f64, unit: Unit, decimals: u8) -> String {
    match unit {
        Unit::Number | Unit::Percent => written(value, decimals, unit, ""),
        Unit::Pounds => {
            let (divisor, suffix) = thousands_or_millions(value.abs());
            let places = match suffix {
                "m" => 2,
                "k" if value.abs() < 99_950.0 => 1,
                "k" => 0,
                _ => decimals,
            };
            written(value / divisor, places, unit, suffix)
        }
    }
}

/// As [`short_label`], with a plus before what is more than nought.
pub fn signed_label(value: f64, unit: Unit, decimals: u8) -> String {
    let label = short_label(value, unit, decimals);
    if value > 0.0 { format!("+{label}") } else { label }
}

fn thousands_or_millions(largest: f64) -> (f64, &'static str) {
    if largest >= 999_500.0 {
        (1e6, "m")
    } else if largest >= 10_000.0 {
        (1e3, "k")
    } else {
        (1.0, "")
    }
}

/// How many decimals tell ticks of this step apart.
fn places_of(step: f64) -> u8 {
    (-(step.log10() + 1e-9).floor()).clamp(0.0, 9.0) as u8
}

/// Halves are rounded away from nought, as they are in the tables.
fn written(value: f64, places: u8, unit: Unit, suffix: &str) -> String {
    let power = 10f64.powi(i32::from(places));
    let rounded = (value.abs() * power).round() / power;
    let digits = format!("{:.*}", usize::from(places), rounded);
    let nought = digits.bytes().all(|byte| byte == b'0' || byte == b'.');
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut label = String::with_capacity(digits.len() + 8);
    if value < 0.0 && !nought {
        label.push('\u{2212}');
    }
    if unit == Unit::Pounds {
        label.push('£');
    }
    for (place, digit) in digits[..whole].char_indices() {
        if place > 0 && (whole - place) % 3 == 0 {
            label.push(',');
        }
        label.push(digit);
    }
    label.push_str(&digits[whole..]);
    label.push_str(suffix);
    if unit == Unit::Percent {
        label.push('%');
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: &[f64]) -> Axis {
        Axis::holding(values.iter().copied(), false, 4).expect("values to hold")
    }

    #[test]
    fn ticks_are_round_and_hold_every_value() {
        assert_eq!(axis(&[652.0, 679.0]).ticks, [650.0, 660.0, 670.0, 680.0]);
        // 81.5 to 86.2 in at most four steps: ones would need six, twos need four (80 to 88).
        assert_eq!(axis(&[81.5, 86.2]).ticks, [80.0, 82.0, 84.0, 86.0, 88.0]);
        for (low, high) in
            [(-3.0, 5.0), (-0.02, -0.01), (0.1, 0.3), (1e-7, 2e-7), (-4e14, 9e14), (-1e300, 1e300)]
        {
            let axis = axis(&[low, high]);
            assert!((3..=5).contains(&axis.ticks.len()), "{axis:?}");
            assert!(axis.low <= low.max(-LARGEST) && high.min(LARGEST) <= axis.high, "{axis:?}");
        }
    }

    #[test]
    fn equal_values_have_room_above_and_below() {
        let axis = axis(&[86.0, 86.0]);
        assert!(axis.low < 86.0 && 86.0 < axis.high);
        assert!(Axis::holding([0.0].into_iter(), false, 4).expect("one value").low >= 0.0);
    }

    #[test]
    fn without_a_value_there_is_no_axis() {
        assert_eq!(Axis::holding([f64::NAN, f64::INFINITY].into_iter(), true, 4), None);
    }

    #[test]
    fn an_axis_from_nought_holds_nought() {
        let axis = Axis::holding([310.0, 350.0].into_iter(), true, 4).expect("values");
        assert_eq!((axis.low, axis.share(0.0)), (0.0, 0.0));
    }

    #[test]
    fn labels_say_pounds_in_thousands_and_millions() {
        assert_eq!(axis(&[0.0, 2_400_000.0]).labels(Unit::Pounds), ["£0", "£1m", "£2m", "£3m"]);
        assert_eq!(
            axis(&[0.0, 1_900_000.0]).labels(Unit::Pounds),
            ["£0", "£0.5m", "£1.0m", "£1.5m", "£2.0m"]
        );
        assert_eq!(
            axis(&[-40_000.0, 40_000.0]).labels(Unit::Pounds),
            ["−£40k", "−£20k", "£0", "£20k", "£40k"]
        );
        assert_eq!(axis(&[80.0, 90.0]).labels(Unit::Percent)[0], "80%");
        assert_eq!(axis(&[7_900.0, 8_300.0]).labels(Unit::Number)[0], "7,900");
        assert_eq!(axis(&[0.11, 0.28]).labels(Unit::Number), ["0.10", "0.15", "0.20", "0.25", "0.30"]);
    }

    #[test]
    fn short_labels_are_as_the_field_writes_them() {
        assert_eq!(short_label(1_250_000.0, Unit::Pounds, 0), "£1.25m");
        assert_eq!(short_label(999_600.0, Unit::Pounds, 0), "£1.00m");
        assert_eq!(short_label(-340_200.0, Unit::Pounds, 0), "−£340k");
        assert_eq!(short_label(28_185_000.0, Unit::Pounds, 0), "£28.19m");
        assert_eq!(short_label(12_500.0, Unit::Pounds, 0), "£12.5k");
        assert_eq!(short_label(7_989.0, Unit::Pounds, 0), "£7,989");
        assert_eq!(signed_label(82.44, Unit::Percent, 1), "+82.4%");
        assert_eq!(signed_label(-0.001, Unit::Number, 1), "0.0");
    }
}
