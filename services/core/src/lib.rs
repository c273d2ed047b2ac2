//! placeholder until the core lands
#[cfg(feature = "python")]
#[pyo3::pymodule]
fn valletta_core(_m: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> { Ok(()) }
