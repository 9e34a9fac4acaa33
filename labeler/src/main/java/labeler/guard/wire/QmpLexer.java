package labeler.guard.wire;

import java.util.function.Consumer;

/**
 * Splits bytes into tokens, as qemu's lexer does: single quotes are as good as double ones, and a byte that fits to
 * nothing is told as stray, after which all is skipped up to a place that may begin something
 * (<a href="https://www.qemu.org/docs/master/interop/qmp-spec.html">QMP</a>, "Protocol Specification"). A client can
 * force it to begin anew by the byte 0xff.
 */
final class QmpLexer {
    /** Where in a token the lexer is. */
    private enum State {
        START,
        DOUBLE_QUOTED,
        DOUBLE_QUOTED_ESCAPE,
        SINGLE_QUOTED,
        SINGLE_QUOTED_ESCAPE,
        SIGN,
        ZERO,
        DIGITS,
        POINT,
        FRACTION,
        EXPONENT,
        EXPONENT_SIGN,
        EXPONENT_DIGITS,
        KEYWORD,
        RECOVERY
    }

    /** Bytes that never are part of UTF-8, by which a client begins anew. */
    private static final int FIRST_IMPOSSIBLE = 0xfe;

    private final Consumer<Token> tokens;
    private final GatheredBytes token = new GatheredBytes();
    private State state = State.START;

    QmpLexer(Consumer<Token> tokens) {
        this.tokens = tokens;
    }

    /** How many bytes of a token have come whose end has not. */
    int pending() {
        return token.size();
    }

    /** The memory that these take. */
    long weight() {
        return token.weight();
    }

    /** Forgets what has come of a token. */
    void begin() {
        token.forget();
        state = State.START;
    }

    /** Takes one byte, 0 to 255. */
    void feed(int next) {
        switch (state) {
            case START -> start(next);
            case DOUBLE_QUOTED -> quoted(next, '"', State.DOUBLE_QUOTED_ESCAPE);
            case SINGLE_QUOTED -> quoted(next, '\'', State.SINGLE_QUOTED_ESCAPE);
            case DOUBLE_QUOTED_ESCAPE -> escaped(next, State.DOUBLE_QUOTED);
            case SINGLE_QUOTED_ESCAPE -> escaped(next, State.SINGLE_QUOTED);
            case SIGN -> sign(next);
            case ZERO -> zero(next);
            case DIGITS -> digits(next);
            case POINT -> must(isDigit(next), next, State.FRACTION);
            case FRACTION -> fraction(next);
            case EXPONENT -> exponent(next);
            case EXPONENT_SIGN -> must(isDigit(next), next, State.EXPONENT_DIGITS);
            case EXPONENT_DIGITS -> more(isDigit(next), next, Token.Kind.FLOAT);
            case KEYWORD -> more(isLowerCase(next), next, Token.Kind.KEYWORD);
            case RECOVERY -> recover(next);
        }
    }

    private void start(int next) {
        switch (next) {
            case '{' -> single(next, Token.Kind.OBJECT_BEGIN);
            case '}' -> single(next, Token.Kind.OBJECT_END);
            case '[' -> single(next, Token.Kind.ARRAY_BEGIN);
            case ']' -> single(next, Token.Kind.ARRAY_END);
            case ':' -> single(next, Token.Kind.COLON);
            case ',' -> single(next, Token.Kind.COMMA);
            case '"' -> to(next, State.DOUBLE_QUOTED);
            case '\'' -> to(next, State.SINGLE_QUOTED);
            case '-' -> to(next, State.SIGN);
            case '0' -> to(next, State.ZERO);
            case ' ', '\t', '\r', '\n' -> {}
            default -> {
                if (isDigit(next)) {
                    to(next, State.DIGITS);
                } else {
                    must(isLowerCase(next), next, State.KEYWORD);
                }
            }
        }
    }

    private void quoted(int next, int quote, State escape) {
        if (next == quote) {
            single(next, Token.Kind.STRING);
        } else if (next == '\\') {
            to(next, escape);
        } else {
            must(isText(next), next, state);
        }
    }

    private void escaped(int next, State string) {
        must(isText(next), next, string);
    }

    private void sign(int next) {
        if (next == '0') {
            to(next, State.ZERO);
        } else {
            must(isDigit(next), next, State.DIGITS);
        }
    }

    private void zero(int next) {
        if (isDigit(next)) {
            stray(next);
        } else if (next == '.') {
            to(next, State.POINT);
        } else {
            more(false, next, Token.Kind.INTEGER);
        }
    }

    private void digits(int next) {
        if (next == '.') {
            to(next, State.POINT);
        } else if (next == 'e' || next == 'E') {
            to(next, State.EXPONENT);
        } else {
            more(isDigit(next), next, Token.Kind.INTEGER);
        }
    }

    private void fraction(int next) {
        if (next == 'e' || next == 'E') {
            to(next, State.EXPONENT);
        } else {
            more(isDigit(next), next, Token.Kind.FLOAT);
        }
    }

    private void exponent(int next) {
        if (next == '+' || next == '-') {
            to(next, State.EXPONENT_SIGN);
        } else {
            must(isDigit(next), next, State.EXPONENT_DIGITS);
        }
    }

    /** Structural characters, line ends and impossible bytes are where something may begin. */
    private void recover(int next) {
        boolean isPlace = switch (next) {
            case '{', '}', '[', ']', ':', ',' -> true;
            case '\t' -> false;
            default -> next < ' ' || next >= FIRST_IMPOSSIBLE;
        };
        if (isPlace) {
            state = State.START;
            start(next);
        }
    }

    private void to(int next, State following) {
        token.add(next);
        state = following;
    }

    private void must(boolean fits, int next, State following) {
        if (fits) {
            to(next, following);
        } else {
            stray(next);
        }
    }

    /** The token goes on, or has ended with the byte before. */
    private void more(boolean goesOn, int next, Token.Kind kind) {
        if (goesOn) {
            token.add(next);
        } else {
            end(kind);
            start(next);
        }
    }

    private void single(int next, Token.Kind kind) {
        token.add(next);
        end(kind);
    }

    private void stray(int next) {
        token.add(next);
        end(Token.Kind.STRAY);
        state = State.RECOVERY;
    }

    private void end(Token.Kind kind) {
        String text = token.text();
        token.forget();
        state = State.START;
        tokens.accept(new Token(kind, text));
    }

    private static boolean isText(int next) {
        return next >= ' ' && next < FIRST_IMPOSSIBLE;
    }

    private static boolean isDigit(int next) {
        return next >= '0' && next <= '9';
    }

    private static boolean isLowerCase(int next) {
        return next >= 'a' && next <= 'z';
    }
}
