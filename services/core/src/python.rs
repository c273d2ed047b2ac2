//! The Python module `valletta_core`: bytes in, bytes out. See `valletta_core.pyi` for what it promises.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::accounts::Totals;
use crate::codec::{decode, encode_answer, encode_event, Undecodable};
use crate::events::Events;
use crate::exchange::{Exchange, NEWEST_RULES};
use crate::invariants::InvariantError;
use crate::ladder::CLASSIC;
use crate::limits::Limits;

create_exception!(valletta_core, InvariantViolation, PyRuntimeError);

/// One shard behind a lock, which is only ever taken without the interpreter's.
#[pyclass(name = "Exchange", module = "valletta_core", frozen)]
struct PyExchange(Mutex<Exchange>);

/// The names of [`Totals::parts`].
const TOTALS: [&str; 8] =
    ["deposited", "withdrawn", "wallets", "withdrawing", "in_transit", "commission", "house", "rounding"];

/// What a command came to: the bytes of its outcome and of its events.
type Encoded = (Vec<u8>, Vec<Vec<u8>>);
/// The same, as Python objects.
type Results<'py> = Vec<(Bound<'py, PyBytes>, Vec<Bound<'py, PyBytes>>)>;

#[pymethods]
impl PyExchange {
    #[new]
    #[pyo3(signature = (*, check = false, limits = None))]
    fn new(check: bool, limits: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let limits = limits.map_or_else(|| Ok(Limits::default()), limits_of)?;
        Ok(Self(Mutex::new(Exchange::new(limits, check))))
    }

    fn apply<'py>(&self, py: Python<'py>, time_ms: i64, commands: Vec<PyBackedBytes>) -> PyResult<Results<'py>> {
        let results = py.detach(|| guarded(|| apply_all(&mut self.lock(), time_ms, &commands))).map_err(raised)?;
        let bytes = |bytes: Vec<u8>| PyBytes::new(py, &bytes);
        let encoded = results.into_iter();
        Ok(encoded.map(|(outcome, events)| (bytes(outcome), events.into_iter().map(bytes).collect())).collect())
    }

    #[pyo3(signature = (market, depth = 0))]
    fn read_market<'py>(&self, py: Python<'py>, market: u64, depth: usize) -> Option<Bound<'py, PyBytes>> {
        self.read(py, |exchange| exchange.market_image(market, depth))
    }

    fn read_account<'py>(&self, py: Python<'py>, account: u64) -> Option<Bound<'py, PyBytes>> {
        self.read(py, |exchange| exchange.account_image(account))
    }

    #[pyo3(signature = (account, market = 0))]
    fn read_orders<'py>(&self, py: Python<'py>, account: u64, market: u64) -> Option<Bound<'py, PyBytes>> {
        self.read(py, |exchange| exchange.orders_image(account, market))
    }

    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (totals, commands) = py.detach(|| {
            let exchange = self.lock();
            (Totals::sum(exchange.books().iter().map(|book| &book.totals)), exchange.commands())
        });
        let dict = PyDict::new(py);
        for (name, part) in TOTALS.into_iter().zip(totals.parts()) {
            dict.set_item(name, part)?;
        }
        dict.set_item("commands", commands)?;
        Ok(dict)
    }

    fn rules(&self, py: Python<'_>) -> u32 {
        py.detach(|| self.lock().rules())
    }

    fn require_rules(&self, py: Python<'_>, version: u32) -> PyResult<()> {
        py.detach(|| self.lock().require_rules(version)).map_err(raised)
    }

    #[pyo3(signature = (*, memory = true))]
    fn state_hash<'py>(&self, py: Python<'py>, memory: bool) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.lock().state_hash(memory)))
    }

    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.lock().snapshot()))
    }

    #[staticmethod]
    #[pyo3(signature = (snapshot, *, check = false))]
    fn restore(py: Python<'_>, snapshot: PyBackedBytes, check: bool) -> PyResult<Self> {
        let restored = py.detach(|| Exchange::restore(&snapshot, check));
        let exchange = restored.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self(Mutex::new(exchange)))
    }

    fn check_invariants(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| guarded(|| self.lock().check_invariants())).map_err(raised)
    }
}

impl PyExchange {
    /// A panic while the lock was held left the exchange unusable, and it says so itself: the lock need not.
    fn lock(&self) -> MutexGuard<'_, Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<'py>(
        &self,
        py: Python<'py>,
        image: impl Fn(&Exchange) -> Option<Vec<u8>> + Sync,
    ) -> Option<Bound<'py, PyBytes>> {
        py.detach(|| image(&self.lock())).map(|bytes| PyBytes::new(py, &bytes))
    }
}

fn apply_all(
    exchange: &mut Exchange,
    time_ms: i64,
    commands: &[PyBackedBytes],
) -> Result<Vec<Encoded>, InvariantError> {
    let mut events = Events::default();
    let mut results = Vec::with_capacity(commands.len());
    for bytes in commands {
        let answer = match decode(bytes) {
            Ok(command) => exchange.apply(time_ms, &command, &mut events)?,
            Err(Undecodable { account, refusal }) => exchange.refuse(time_ms, account, refusal, &mut events)?,
        };
        results.push((encode_answer(&answer), events.take().map(encode_event).collect()));
    }
    Ok(results)
}

/// Turns a failed assertion into the error that it is, instead of a panic that crosses into Python.
fn guarded<T>(work: impl FnOnce() -> Result<T, InvariantError>) -> Result<T, InvariantError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(InvariantError::new("assertion", text.unwrap_or_else(|| "without a message".to_owned())))
    })
}

fn raised(error: InvariantError) -> PyErr {
    InvariantViolation::new_err(error.to_string())
}

fn limits_of(given: &Bound<'_, PyDict>) -> PyResult<Limits> {
    let mut limits = Limits::default();
    for (name, value) in given {
        let (name, value): (String, u32) = (name.extract()?, value.extract()?);
        *limit(&mut limits, &name).ok_or_else(|| PyValueError::new_err(format!("no limit is called '{name}'")))? =
            value;
    }
    Ok(limits)
}

fn limit<'a>(limits: &'a mut Limits, name: &str) -> Option<&'a mut u32> {
    Some(match name {
        "accounts" => &mut limits.accounts,
        "markets" => &mut limits.markets,
        "open_markets" => &mut limits.open_markets,
        "runners" => &mut limits.runners,
        "exposures" => &mut limits.exposures,
        "orders" => &mut limits.orders,
        "orders_per_account" => &mut limits.orders_per_account,
        "ended_orders" => &mut limits.ended_orders,
        "keys" => &mut limits.keys,
        "kept_results" => &mut limits.kept_results,
        "withdrawals" => &mut limits.withdrawals,
        _ => return None,
    })
}

#[pymodule]
fn valletta_core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("NEWEST_RULES", NEWEST_RULES)?;
    module.add("LADDER", PyTuple::new(module.py(), CLASSIC)?)?;
    module.add("InvariantError", module.py().get_type::<InvariantViolation>())?;
    module.add_class::<PyExchange>()
}
