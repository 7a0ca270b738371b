//! The tree of a template.

/// A piece of a template.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Text as it stands.
    Text(String),
    /// `{{ … }}`.
    Show(Pipeline),
    /// `{{ if }}` with `{{ else if }}`, or `{{ with }}`.
    Choice(Choice),
    /// `{{ range }}`.
    Range(Range),
    /// `{{ template "name" value }}`.
    Call {
        name: String,
        value: Option<Pipeline>,
        at: usize,
    },
    /// `{{ break }}`.
    Break(usize),
    /// `{{ continue }}`.
    Continue(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// Whether the dot becomes the value.
    pub(super) with: bool,
    pub(super) condition: Pipeline,
    pub(super) then: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) over: Pipeline,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

/// Commands, each given the last one's value; perhaps kept in variables.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    pub(super) at: usize,
    /// `$x` or `$i, $x`, without the dollar signs.
    pub(super) names: Vec<String>,
    /// `=` rather than `:=`.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
}

/// A value, or a function or method with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) at: usize,
    pub(super) operands: Vec<Operand>,
}

/// Something with a value, and the fields that are taken of it.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub(super) at: usize,
    pub(super) base: Base,
    pub(super) fields: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Base {
    Dot,
    /// `$x`; the name is empty for `$`.
    Variable(String),
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Nil,
    Function(String),
    Pipeline(Box<Pipeline>),
}
