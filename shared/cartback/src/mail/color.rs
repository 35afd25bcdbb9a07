//! Button colours that can be read, from whatever colour the brand has.

use serde::Serialize;

/// Surfaces of the templates, light and dark, and the button colour of a brand without a usable one.
const LIGHT_SURFACE: Rgb = Rgb(0xff, 0xff, 0xff);
const DARK_SURFACE: Rgb = Rgb(0x1b, 0x1b, 0x1f);
const INK: Rgb = Rgb(0x18, 0x18, 0x1b);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

/// Fill and text of the button, each as `#rrggbb`. Text on fill has a contrast of at least 4.5 to 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ButtonColors {
    fill: String,
    text: &'static str,
    dark_fill: String,
    dark_text: &'static str,
}

impl ButtonColors {
    /// The colours for a brand's `#rrggbb`; ink if it is no such colour.
    ///
    /// A brand colour that disappears into the surface (white on white, black on black) gives way.
    pub(crate) fn of(brand_color: &str) -> Self {
        let brand = Rgb::parse(brand_color).unwrap_or(INK);
        let light = if brand.contrast_percent(LIGHT_SURFACE) < 125 {
            INK
        } else {
            brand
        };
        let dark = if brand.contrast_percent(DARK_SURFACE) < 200 {
            LIGHT_SURFACE
        } else {
            brand
        };
        Self {
            fill: light.hex(),
            text: light.text(),
            dark_fill: dark.hex(),
            dark_text: dark.text(),
        }
    }
}

impl Rgb {
    fn parse(color: &str) -> Option<Self> {
        let digits = color.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        if is_hex {
            Some(Self(channel(0)?, channel(2)?, channel(4)?))
        } else {
            None
        }
    }

    fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// White where white is readable, as designers prefer, else black.
    fn text(self) -> &'static str {
        // 460 rather than 450 leaves room for the error of `linear`; black then has 456 or more.
        if self.contrast_percent(LIGHT_SURFACE) >= 460 {
            "#ffffff"
        } else {
            "#000000"
        }
    }

    /// The contrast ratio of WCAG 2 times 100: 100 to 2,100.
    fn contrast_percent(self, other: Self) -> u64 {
        let (one, two) = (
            self.luminance() + 50_000_000,
            other.luminance() + 50_000_000,
        );
        100 * one.max(two) / one.min(two)
    }

    /// Relative luminance of WCAG 2 in billionths.
    fn luminance(self) -> u64 {
        (2126 * linear(self.0) + 7152 * linear(self.1) + 722 * linear(self.2)) / 10_000
    }
}

/// The linear light of an sRGB channel in billionths, by a cubic that is off by at most 0.002.
fn linear(channel: u8) -> u64 {
    let value = u64::from(channel);
    value * (value * (value * 305_306_011 + 255 * 682_171_111) + 255 * 255 * 12_522_878)
        / (255 * 255 * 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_on_every_button_colour_passes_aa() {
        fn exact(channel: u8) -> f64 {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        }
        for n in 0_u32..32_768 {
            let [red, green, blue] =
                [n >> 10, n >> 5, n].map(|five| u8::try_from((five & 31) * 255 / 31).unwrap());
            let color = Rgb(red, green, blue);
            let luminance = 0.2126 * exact(red) + 0.7152 * exact(green) + 0.0722 * exact(blue);
            let contrast = match color.text() {
                "#ffffff" => 1.05 / (luminance + 0.05),
                _ => (luminance + 0.05) / 0.05,
            };
            assert!(
                contrast >= 4.5,
                "{} on {}: {contrast}",
                color.text(),
                color.hex()
            );
        }
    }

    #[test]
    fn a_button_never_disappears_into_its_surface() {
        assert_eq!(ButtonColors::of("#FFFFFF").fill, "#18181b");
        assert_eq!(ButtonColors::of("#FFFFFF").dark_fill, "#ffffff");
        assert_eq!(ButtonColors::of("#111111").fill, "#111111");
        assert_eq!(ButtonColors::of("#111111").dark_fill, "#ffffff");
        assert_eq!(ButtonColors::of("#0f766e").dark_fill, "#0f766e");
    }

    #[test]
    fn what_is_no_colour_is_ink() {
        for color in ["", "#fff", "red", "#12345g", "#+1+1+1", "#fff;}</style>"] {
            assert_eq!(ButtonColors::of(color).fill, "#18181b", "{color}");
        }
    }
}
