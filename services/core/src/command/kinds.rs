//! The contract's enumerations, as far as the core acts on them. Numbers are the contract's.

use serde::{Deserialize, Serialize};

/// Which way a bet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Side {
    /// For the runner: wins stake x (price - 1) when it wins.
    Back = 1,
    /// Against the runner: wins the backer's stake when it does not win.
    Lay = 2,
}

impl Side {
    /// The side that this one is matched with.
    #[inline]
    pub fn other(self) -> Self {
        match self {
            Self::Back => Self::Lay,
            Self::Lay => Self::Back,
        }
    }

    /// The side of a number in the contract.
    #[inline]
    pub fn of(number: i32) -> Option<Self> {
        match number {
            1 => Some(Self::Back),
            2 => Some(Self::Lay),
            _ => None,
        }
    }
}

/// A contract's enumeration of which all values from 0 on are known.
macro_rules! kinds {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum $name {
            #[default]
            $($(#[$doc])* $variant),+
        }

        impl $name {
            /// All of them, by number.
            pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

            /// The one of a number in the contract.
            #[inline]
            pub fn of(number: i32) -> Option<Self> {
                Self::ALL.get(usize::try_from(number).ok()?).copied()
            }
        }
    };
}

kinds! {
    /// How an order wants to be matched.
    OrderType {
        /// At its limit or better, from now on.
        Limit,
        /// At the starting price, if that is at its limit or better.
        LimitOnClose,
        /// At the starting price.
        MarketOnClose,
    }
}

kinds! {
    /// What becomes of a resting limit order when its market turns in play.
    Persistence {
        /// It lapses.
        Lapse,
        /// It stays.
        Persist,
        /// What is left of it takes the starting price.
        MarketOnClose,
        /// It lapses, and any suspension that reaches it cancels it, too.
        GoodTillHalted,
    }
}

kinds! {
    /// What becomes of the part of a limit order that is not matched at once.
    TimeInForce {
        /// It rests.
        Day,
        /// A least part is matched at once, the limit bounding the average price; the rest is cancelled.
        FillOrKill,
        /// It is cancelled.
        ImmediateOrCancel,
    }
}

kinds! {
    /// What becomes of an order that would meet one of the same account.
    SelfMatch {
        /// What is left of it is cancelled.
        CancelNewest,
        /// It is refused if it overlaps with any.
        Reject,
        /// They are matched.
        Allow,
    }
}

kinds! {
    /// Which reduction factors a removed runner brings with it.
    Reduction {
        /// None.
        None,
        /// Of the win price.
        Win,
        /// Of the place price's winnings.
        Place,
    }
}

kinds! {
    /// What a player's limit bounds.
    LimitKind {
        /// What is paid in.
        Deposit,
        /// What is lost, or could be.
        Loss,
        /// What is staked.
        Stake,
    }
}

kinds! {
    /// Over what time a player's limit counts.
    LimitWindow {
        /// This hour and the 24 before it.
        Day,
        /// This day and the 7 before it.
        Week,
        /// This day and the 31 before it.
        Month,
    }
}
