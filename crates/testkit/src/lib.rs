//! Real fakes for tests: clock, mail and webhook receivers, private PostgreSQL, the simulated store.
