"""What each LaTeX command means.

In: nothing. Out: tables, and the error for a command that has no meaning.

>>> SIGNS["odot"], letter("theta"), letter("odot")
(('OPERATOR', '⊙'), 'θ', None)
"""

from __future__ import annotations

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.lexeme import Lexeme

# --- letters ----------------------------------------------------------------------------------

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "omicron": "ο", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ",
    "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω", "varepsilon": "ε", "varphi": "φ", "vartheta": "θ", "varrho": "ρ",
    "varsigma": "ς", "varpi": "π", "ell": "ℓ", "hbar": "ħ",
}  # fmt: skip

# --- fonts: letters stay letters, or a run of letters becomes one word -------------------------

LETTER_FONTS = frozenset({
    "mathbf", "boldsymbol", "pmb", "bm", "bold", "mathit", "mathnormal", "vec",
    "mathcal", "mathscr", "mathfrak", "mathbb", "Bbb", "mathop", "mathord", "ensuremath",
})  # fmt: skip
WORD_FONTS = frozenset({
    "mathrm", "mathsf", "mathtt", "operatorname", "text", "textrm", "textbf", "textit", "textsf",
    "texttt", "textup", "mbox", "hbox", "textnormal",
})  # fmt: skip
SWITCHES = {
    "bf": "bold", "bfseries": "bold", "it": "it", "cal": "mathcal", "rm": "mathrm", "sf": "mathsf",
    "tt": "mathtt", "frak": "mathfrak", "scr": "mathscr", "bb": "mathbb",
}  # fmt: skip
# In these fonts a letter is another letter than in the usual ones, so both may not occur.
DISTINCT = {
    "mathcal": "mathcal", "mathscr": "mathscr", "mathfrak": "mathfrak", "mathbb": "mathbb",
    "Bbb": "mathbb", "vec": "vec",
}  # fmt: skip

ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0304", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c",
    "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
}  # fmt: skip

# --- functions ----------------------------------------------------------------------------------

COMMANDED = frozenset({
    "exp", "log", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan",
    "det", "max", "min",
})  # fmt: skip
FUNCTION_WORDS = COMMANDED | {
    "log1p", "expm1", "sqrt", "cbrt", "abs", "sign", "asin", "acos", "atan", "asinh", "acosh",
    "atanh", "arsinh", "arcosh", "artanh", "sigmoid", "softplus", "relu", "erf", "gelu", "silu",
    "softmax", "logsoftmax", "logsumexp", "logdet", "tr", "Tr", "trace", "inv", "solve", "diag",
    "Diag", "vec", "kron", "norm", "normF", "norm1", "norm2", "normInf", "xent", "sum", "mean",
    "prod", "cumsum", "where", "pow", "atan2", "diff", "maximum", "minimum",
}  # fmt: skip
OTHER_SPELLINGS = {"Trace": "tr", "ReLU": "relu", "sgn": "sign", "Softmax": "softmax",
                   "diagonal": "diag", "Vec": "vec"}  # fmt: skip
VALUE_WORDS = frozenset({"eye", "ones"})  # tensors that are written as words
SHORTEST_BARE = 3  # letters that a function name has to have to be read without a bracket
SEPARATORS = frozenset({"and", "where", "with", "so", "hence", "thus", "then", "therefore"})
RESERVED = frozenset({
    "assume", "notation", "householder", "symmetric", "spd", "diagonal", "positive",
    "nonnegative", "invertible",
})  # fmt: skip

# --- commands that papers define ---------------------------------------------------------------

FUNCTION_MACROS = frozenset({
    "tr", "Tr", "trace", "Trace", "diag", "Diag", "softmax", "Softmax", "sigmoid", "relu", "ReLU",
    "erf", "sign", "sgn",
})  # fmt: skip
REAL_NUMBERS = frozenset({"R", "Reals", "reals"})
ENCLOSING = {"norm": ("NORM_OPEN", "NORM_CLOSE", "‖"), "abs": ("BAR_OPEN", "BAR_CLOSE", "|")}
DERIVATIVE_MACROS = {"pdv": "∂", "dv": "∂"}  # `\\pdv{f}{x}`

# --- signs --------------------------------------------------------------------------------------

SIGNS: dict[str, tuple[str, str]] = {
    "odot": ("OPERATOR", "⊙"), "circ": ("OPERATOR", "∘"), "cdot": ("OPERATOR", "·"),
    "times": ("OPERATOR", "×"), "otimes": ("OPERATOR", "⊗"), "star": ("OPERATOR", "*"),
    "ast": ("OPERATOR", "*"), "colon": ("OPERATOR", ":"), "oslash": ("OPERATOR", "⊘"),
    "div": ("DIVIDE", "/"), "slash": ("DIVIDE", "/"),
    "doteq": ("ASSIGN", "="), "equiv": ("ASSIGN", "="), "triangleq": ("ASSIGN", "="),
    "coloneqq": ("ASSIGN", "="), "eqdef": ("ASSIGN", "="),
    "implies": ("IMPLIES", "⟹"), "Rightarrow": ("IMPLIES", "⟹"),
    "Longrightarrow": ("IMPLIES", "⟹"), "in": ("ELEMENT", "∈"),
    "le": ("COMPARE", "<="), "leq": ("COMPARE", "<="), "ge": ("COMPARE", ">="),
    "geq": ("COMPARE", ">="), "ne": ("COMPARE", "!="), "neq": ("COMPARE", "!="),
    "lt": ("COMPARE", "<"), "gt": ("COMPARE", ">"),
    "partial": ("PARTIAL", "∂"), "{": ("LPAR", "{"), "}": ("RPAR", "}"),
    "lbrace": ("LPAR", "{"), "rbrace": ("RPAR", "}"), "lbrack": ("LSQB", "["),
    "rbrack": ("RSQB", "]"), "lparen": ("LPAR", "("), "rparen": ("RPAR", ")"),
    "|": ("DOUBLE_BAR", "‖"), "Vert": ("DOUBLE_BAR", "‖"), "vert": ("BAR", "|"),
    "mid": ("BAR", "|"), "lVert": ("NORM_OPEN", "‖"), "rVert": ("NORM_CLOSE", "‖"),
    "lvert": ("BAR_OPEN", "|"), "rvert": ("BAR_CLOSE", "|"),
    "langle": ("ANGLE_OPEN", "⟨"), "rangle": ("ANGLE_CLOSE", "⟩"),
    "intercal": ("TRANSPOSE", "⊤"), "top": ("TRANSPOSE", "⊤"),
}  # fmt: skip
LEFT = {"BAR": "BAR_OPEN", "DOUBLE_BAR": "NORM_OPEN"}
RIGHT = {"BAR": "BAR_CLOSE", "DOUBLE_BAR": "NORM_CLOSE"}
SIZES = {
    "left": LEFT, "right": RIGHT, "bigl": LEFT, "Bigl": LEFT, "biggl": LEFT, "Biggl": LEFT,
    "bigr": RIGHT, "Bigr": RIGHT, "biggr": RIGHT, "Biggr": RIGHT, "big": {}, "Big": {},
    "bigg": {}, "Bigg": {}, "middle": {},
}  # fmt: skip
SUMS = {"sum": "∑", "prod": "∏"}

# --- what has no meaning, and where text stands --------------------------------------------------

NOISE = frozenset({
    ",", ";", ":", "!", " ", ">", "/", "\n", "\t", "quad", "qquad", "enspace", "thinspace",
    "medspace", "thickspace", "negthinspace", "limits", "nolimits", "displaystyle", "textstyle",
    "scriptstyle", "scriptscriptstyle", "nonumber", "notag", "hfill", "hfil", "noindent",
    "allowbreak", "centering", "mathstrut", "strut", "protect", "relax", "therefore", "because",
})  # fmt: skip
SKIPPED = frozenset({"label", "tag", "color", "textcolor", "hspace", "vspace", "mspace", "phantom",
                     "hphantom", "vphantom", "eqref", "ref"})  # fmt: skip
# A frame around a formula, with what is said below it.
FRAMES = frozenset({"underbrace", "overbrace", "boxed", "fbox", "underbracket", "overbracket"})
WIDE_SPACES = frozenset({"quad", "qquad", "hfill", "hspace"})
ENVIRONMENTS = frozenset({
    "align", "aligned", "alignat", "alignedat", "equation", "eqnarray", "gather", "gathered",
    "split", "multline", "displaymath", "math", "flalign", "document", "center",
})  # fmt: skip
FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})
ARITY = (
    dict.fromkeys([*LETTER_FONTS, *WORD_FONTS, *ACCENTS, *SKIPPED, *FRAMES, *ENCLOSING], 1)
    | dict.fromkeys(["sqrt", "eqalign"], 1)
    | dict.fromkeys([*FRACTIONS, *DERIVATIVE_MACROS], 2)
)  # fmt: skip

NO_TABLE = "a table is not read: write each case or entry as a statement of its own"
INSTEAD = {
    "trans": r"write  ^\top",
    "transpose": r"write  ^\top", "dd": r"write  \mathrm{d}", "diff": r"write  \mathrm{d}",
    "T": r"write  ^\top",
    "grad": r"write  \nabla_x f",
    "rank": "there is no rank in this language",
    "lg": r"write  \log(x)/\log(10)", "arg": "write the function alone, and ask for its derivative",
    "bullet": r"write  \cdot  or  \odot", "hadamard": r"write  \odot",
    "to": r"write  \implies  or  =;  shapes are declared, as in  x \in \mathbb{R}^n",
    "rightarrow": r"write  \implies  or  =;  shapes are declared, as in  x \in \mathbb{R}^n",
    "approx": "write  =  for a claim", "sim": "distributions are not read",
    "propto": "write the factor out, and  =", "int": "there are no integrals in this language",
    "lim": "there are no limits in this language", "infty": "there is no infinite number",
    "cdots": "write the sum with  \\sum_i", "ldots": "write the components with an index",
    "dots": "write the components with an index", "vdots": NO_TABLE,
    "cases": NO_TABLE, "matrix": NO_TABLE, "pmatrix": NO_TABLE, "bmatrix": NO_TABLE,
    "def": "macros are not expanded: write what it stands for",
    "newcommand": "macros are not expanded: write what it stands for",
    "dagger": r"write  ^\top  for the transpose", "pm": "write both signs as two statements",
    "iff": r"write  \implies  or two statements", "Leftrightarrow": "write two statements",
    "DeclareMathOperator": r"write  \operatorname{…}",
    "stackrel": "write  =",
    "overset": "write  =", "underset": "write the operator with an index",
    "cup": "there are no sets in this language", "forall": "write the equation alone",
    "atop": r"write  \over  for a fraction", "binom": "there are no binomials in this language",
    "underline": "write another name", "%": r"write the number as a fraction",
    "lfloor": "there is no rounding in this language", "lceil": "there is no rounding here",
    "succeq": "write  A[n, n] spd", "succ": "write  A[n, n] spd",
    "leftarrow": "write  =  and a new name on the left, as in  \\hat{x}",
    "gets": "write  =  and a new name on the left, as in  \\hat{x}",
    "mapsto": "write  f(x) = …", "longrightarrow": r"write  \implies  or  =",
    "cancel": "leave out what is crossed out", "substack": "write one line below the sign",
    "coth": r"write  1/\tanh(x)", "sec": r"write  1/\cos(x)", "csc": r"write  1/\sin(x)",
    "cot": r"write  1/\tan(x)", "sech": r"write  1/\cosh(x)",
    "oplus": "write  +", "boxtimes": r"write  \otimes", "cong": "write  =",
}  # fmt: skip


def letter(command: str) -> str | None:
    """The letter that a command stands for."""
    return GREEK.get(command)


def command_of(word: Lexeme) -> str:
    """The name of a command without its backslash; empty for any other word."""
    return word.text[1:] if word.type == "COMMAND" else ""


def unknown(word: Lexeme) -> FormulaSyntaxError:
    """The error for a command without a meaning."""
    command = command_of(word)
    if not command:
        return FormulaSyntaxError("a backslash stands alone", Mark(word.span), hint="leave it out")
    hint = INSTEAD.get(command)
    if hint is None and command in FUNCTION_WORDS | set(OTHER_SPELLINGS):
        hint = rf"write  \operatorname{{{command}}}"
    return FormulaSyntaxError(
        f"the command {word.text} has no meaning here",
        Mark(word.span),
        hint=hint or "write what it stands for, as in  \\mathrm{name}  for a name",
    )
