//! HTTP: the REST API, the compatibility surfaces and the console.
