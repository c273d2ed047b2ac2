//! A result, checked against its market.

use crate::command::Outturn;
use crate::exchange::Exchange;
use crate::ladder::Ladder;
use crate::markets::{Market, Verdict, Winners};
use crate::outcome::{Code, Refusal};

impl Exchange {
    /// Checks the result of a market.
    ///
    /// # Errors
    /// `WINNERS_INVALID`, `RUNNER_UNKNOWN`, `RUNNER_VOIDED`, `DEAD_HEAT_INVALID` or `LINE_RESULT_INVALID`.
    pub(super) fn verdict(&self, market: u32, outturn: &Outturn) -> Result<Verdict, Refusal> {
        let terms = &self.markets[market];
        if let Ladder::Line(positions) = terms.ladder() {
            return line(outturn, positions);
        }
        if let Some(result) = outturn.line_result {
            return Err(Refusal::new(Code::LineResultInvalid, result.into(), 0));
        }
        let indexes = |ids: &[u64]| ids.iter().map(|id| terms.active_runner(*id)).collect::<Result<Vec<u16>, _>>();
        let (winners, dead_heat) = (indexes(&outturn.winners)?, indexes(&outturn.dead_heat)?);
        let places = check_count(terms, &winners, &dead_heat)?;
        Ok(Verdict::Runners { winners: sorted(&[&winners]), dead_heat: sorted(&[&dead_heat]), places })
    }
}

fn line(outturn: &Outturn, positions: u32) -> Result<Verdict, Refusal> {
    let named = outturn.winners.len() + outturn.dead_heat.len();
    if named > 0 {
        return Err(Refusal::new(Code::WinnersInvalid, named as i64, 0));
    }
    let result = outturn.line_result.map_or(-1, i64::from);
    if !(0..=i64::from(positions)).contains(&result) {
        return Err(Refusal::new(Code::LineResultInvalid, result, positions.into()));
    }
    Ok(Verdict::Line(result as u32))
}

/// How many places a dead heat shares; 0 where there is none.
fn check_count(terms: &Market, winners: &[u16], dead_heat: &[u16]) -> Result<usize, Refusal> {
    let (won, tied) = (winners.len(), dead_heat.len());
    let named = won + tied;
    let distinct = sorted(&[winners, dead_heat]).len();
    let refuse = |code, given: usize, bound: i64| Err(Refusal::new(code, given as i64, bound));
    let Winners::Fixed(most) = terms.rules.winners else {
        return match tied {
            0 if distinct == named => Ok(0),
            0 => refuse(Code::WinnersInvalid, distinct, named as i64),
            _ => refuse(Code::DeadHeatInvalid, tied, 0),
        };
    };
    let expected = terms.active().min(most as usize);
    if tied == 0 {
        let counted = if won == expected { distinct } else { won };
        return if counted == expected { Ok(0) } else { refuse(Code::WinnersInvalid, counted, expected as i64) };
    }
    if distinct != named {
        return refuse(Code::WinnersInvalid, distinct, named as i64);
    }
    let places = expected as i64 - won as i64;
    if places <= 0 || places >= tied as i64 {
        return refuse(Code::DeadHeatInvalid, tied, places);
    }
    Ok(places as usize)
}

fn sorted(lists: &[&[u16]]) -> Vec<u16> {
    let mut all = lists.concat();
    all.sort_unstable();
    all.dedup();
    all
}
