//! Builds and signs the bulletin repository, pushes it to mirrors and reads it back.
