//! Ledger accounts and amounts: four accounts per person, exact decimal amounts (C-19).

use super::{ValueError, profile::limited_lines, text_value};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One of a person's four accounts. Wire form snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Money, with two decimal places.
    Balance,
    /// What badges earn, whole.
    Points,
    /// Credits for generated text, whole (C-28).
    AiText,
    /// Credits for generated images, whole.
    AiImage,
}

impl Account {
    pub const ALL: [Self; 4] = [Self::Balance, Self::Points, Self::AiText, Self::AiImage];

    /// The wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Points => "points",
            Self::AiText => "ai_text",
            Self::AiImage => "ai_image",
        }
    }

    /// Decimal places.
    pub const fn scale(self) -> u32 {
        match self {
            Self::Balance => 2,
            Self::Points | Self::AiText | Self::AiImage => 0,
        }
    }

    /// A sum as people and programs read it: `12.50` of money, `12` of what is whole.
    pub fn text(self, sum: Decimal) -> String {
        let mut sum = sum;
        sum.rescale(self.scale());
        sum.to_string()
    }

    /// A sum of whole things as a number; of money the whole part.
    pub fn whole(sum: Decimal) -> i64 {
        sum.trunc().to_i64().unwrap_or(i64::MAX)
    }

    /// Within the bounds, with exactly the places of the account.
    fn exactly(self, value: Decimal) -> Result<Decimal, ValueError> {
        if value.normalize().scale() > self.scale() {
            return Err(if self.scale() == 0 { ValueError::AmountWhole } else { ValueError::AmountForm });
        }
        if value.is_zero() || value.abs() > MAX_AMOUNT {
            return Err(ValueError::AmountRange);
        }
        let mut value = value;
        value.rescale(self.scale());
        Ok(value)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Of one entry, and of what an account may hold: a million million.
pub const MAX_AMOUNT: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            account: Account,
            #[serde(rename = "amount", with = "rust_decimal::serde::str")]
            value: Decimal,
        }

        impl $name {
            /// # Errors
            /// As [`Self::try_new`]; [`ValueError::AmountForm`] for what is no decimal number.
            pub fn parse(account: Account, text: &str) -> Result<Self, ValueError> {
                Self::try_new(account, decimal(text)?)
            }

            pub const fn account(&self) -> Account {
                self.account
            }

            pub const fn value(&self) -> Decimal {
                self.value
            }
        }
    )*};
}

amounts! {
    /// A positive amount of an account, at most [`MAX_AMOUNT`]. Its wire form is a decimal string, never a float.
    Amount,
    /// What staff add to an account or take from it: not zero, and bounded like [`Amount`].
    SignedAmount
}

impl Amount {
    /// # Errors
    /// [`ValueError::AmountRange`] unless it is positive and within the bounds; [`ValueError::AmountWhole`] or
    /// [`ValueError::AmountForm`] with more decimal places than the account has.
    pub fn try_new(account: Account, value: impl Into<Decimal>) -> Result<Self, ValueError> {
        let value = account.exactly(value.into())?;
        if value.is_sign_negative() { Err(ValueError::AmountRange) } else { Ok(Self { account, value }) }
    }
}

impl SignedAmount {
    /// # Errors
    /// As [`Amount::try_new`], but for the sign.
    pub fn try_new(account: Account, value: impl Into<Decimal>) -> Result<Self, ValueError> {
        Ok(Self { account, value: account.exactly(value.into())? })
    }
}

/// Digits, at most two of them behind a dot, and a minus before them perhaps: nothing is rounded.
fn decimal(text: &str) -> Result<Decimal, ValueError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all =
        |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all(whole, 16) || !all(fraction, 2) {
        return Err(ValueError::AmountForm);
    }
    Decimal::from_str_exact(text).map_err(|_| ValueError::AmountForm)
}

/// Why staff adjust an account, for whoever reads the statement: 1 to 500 characters, trimmed; line breaks are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct AdjustmentReason(String);

text_value!(AdjustmentReason);

impl AdjustmentReason {
    pub const MAX_CHARS: usize = 500;

    pub fn parse(text: &str) -> Result<Self, ValueError> {
        limited_lines(text, Self::MAX_CHARS, ValueError::ReasonLength).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_have_the_places_of_their_account() {
        for (account, text, stored) in [
            (Account::Balance, "12.5", "12.50"),
            (Account::Balance, "0.01", "0.01"),
            (Account::Balance, "1000000000000", "1000000000000.00"),
            (Account::Points, "10", "10"),
            (Account::Points, "10.00", "10"),
            (Account::AiText, "007", "7"),
        ] {
            let amount = Amount::parse(account, text).unwrap();

            let json = serde_json::json!({ "account": account, "amount": stored });
            assert_eq!(serde_json::to_value(amount).unwrap(), json, "{text}");
            assert_eq!(serde_json::from_value::<Amount>(json).unwrap(), amount);
        }
    }

    #[test]
    fn nothing_is_rounded_and_nothing_is_beyond_the_bounds() {
        for (account, text, error) in [
            (Account::Balance, "0.001", ValueError::AmountForm),
            (Account::Points, "0.5", ValueError::AmountWhole),
            (Account::Points, "0", ValueError::AmountRange),
            (Account::Balance, "-1", ValueError::AmountRange),
            (Account::Balance, "1000000000000.01", ValueError::AmountRange),
        ] {
            assert_eq!(Amount::parse(account, text), Err(error), "{text}");
        }
        for text in ["", "-", ".5", "5.", "1e3", "+1", " 1", "1_000", "1,5", "٣", "--1", "99999999999999999"]
        {
            assert_eq!(SignedAmount::parse(Account::Balance, text), Err(ValueError::AmountForm), "{text}");
        }
        assert_eq!(SignedAmount::parse(Account::Points, "-0.00"), Err(ValueError::AmountRange));
        assert_eq!(SignedAmount::parse(Account::Points, "-7").unwrap().value(), Decimal::from(-7));
    }

    #[test]
    fn largest_amount_is_a_million_million() {
        assert_eq!(MAX_AMOUNT, Decimal::from(1_000_000_000_000_u64));
    }

    #[test]
    fn sum_is_written_with_the_places_of_its_account() {
        assert_eq!(Account::Balance.text(Decimal::ZERO), "0.00");
        assert_eq!(Account::Points.text(Decimal::new(100, 1)), "10");
        for account in Account::ALL {
            assert_eq!(serde_json::to_value(account).unwrap(), account.name());
        }
    }
}
