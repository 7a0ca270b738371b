//! What is installed on this machine, asked of the file system rather than of a package manager:
//! a part that came another way (pyenv, a vendor's node) is as good.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::succeeds;

/// Where to look.
pub(crate) struct Machine {
    /// The folders of `PATH`.
    pub(crate) path: Vec<PathBuf>,
    /// The root of the file system; another folder in tests.
    pub(crate) root: PathBuf,
}

impl Machine {
    /// The machine we run on.
    pub(crate) fn this() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self {
            path: std::env::split_paths(&path).collect(),
            root: "/".into(),
        }
    }

    /// The first program of this name on `PATH`.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        self.path
            .iter()
            .map(|folder| folder.join(name))
            .find(|file| is_program(file))
    }

    /// True if one of these programs is on `PATH`.
    pub(crate) fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.program(name).is_some())
    }

    /// True if the program is on `PATH` and succeeds with these arguments: a shim may be there and lead nowhere.
    pub(crate) fn works(&self, name: &str, args: &[&str]) -> bool {
        self.program(name)
            .is_some_and(|program| succeeds(Command::new(program).args(args)))
    }

    /// The folders in `parent` (absolute), whatever their names.
    pub(crate) fn folders(&self, parent: &str) -> Vec<PathBuf> {
        let parent = self.root.join(parent.trim_start_matches('/'));
        let Ok(entries) = std::fs::read_dir(parent) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_dir())
            .collect()
    }

    /// True if the absolute path leads to a file.
    pub(crate) fn file(&self, path: &str) -> bool {
        self.root.join(path.trim_start_matches('/')).is_file()
    }
}

/// True for a file that somebody may execute.
pub(crate) fn is_program(file: &Path) -> bool {
    std::fs::metadata(file)
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_program_is_an_executable_file_on_path() {
        let root = tempfile::tempdir().unwrap();
        let put = |name: &str, mode: u32, text: &str| {
            let file = root.path().join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        };
        put("good", 0o755, "#!/bin/sh\nexit 0\n");
        put("broken", 0o755, "#!/bin/sh\nexit 127\n");
        put("text", 0o644, "");
        fs::create_dir(root.path().join("folder")).unwrap();
        let machine = Machine {
            path: vec!["/nonexistent".into(), root.path().into()],
            root: root.path().into(),
        };
        let check = |name, here, works| {
            assert_eq!(machine.program(name).is_some(), here, "{name}");
            assert_eq!(machine.works(name, &["--version"]), works, "{name}");
        };
        check("good", true, true);
        check("broken", true, false);
        check("text", false, false);
        check("folder", false, false);
        check("absent", false, false);
        assert!(machine.any(&["absent", "good"]));
        assert!(machine.file("/text") && !machine.file("/folder"));
        assert_eq!(machine.folders("/"), [root.path().join("folder")]);
        assert!(machine.folders("/absent").is_empty());
    }
}
