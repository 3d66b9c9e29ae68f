//! What holds a secret and is printed by its name alone, with nothing of what is in it.

use std::fmt;

use crate::{
    Joined,
    identity::{
        PasskeyMade, ProofTried, Remembered, SecondTried, SignIn, password::PasswordTried,
        provider::Arrived,
    },
    token::CreatedToken,
};

macro_rules! unprinted {
    ($($kind:ident),+ $(,)?) => {
        $(impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        })+
    };
}

unprinted! {
    Arrived,
    CreatedToken,
    Joined,
    PasskeyMade,
    PasswordTried,
    ProofTried,
    Remembered,
    SecondTried,
    SignIn,
}
