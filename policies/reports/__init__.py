"""What an evidence run is told as: a page for people, and files for the tools that collect findings.

Every format is a pure function of a `Report` (`policies.reports.material`): the evidence document, read through
`policies.reports.document`, beside the catalogue. The same document gives the same bytes.
"""
