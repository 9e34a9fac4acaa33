package labeler.guard.wire;

import java.util.ArrayList;
import java.util.List;
import labeler.json.Json;

/**
 * Values out of a stream of bytes, in the dialect that qemu's monitor reads. No newline is needed: a value ends with the
 * bracket that closes it. Larger commands than managers send are refused, long before qemu would (64 MiB, 1,024 levels,
 * 2 million tokens).
 */
public final class QmpDecoder {
    /** Bytes of a command. */
    public static final int MOST_BYTES = 1 << 20;

    /** Levels of brackets. */
    public static final int MOST_LEVELS = 64;

    /** Tokens of a command. A chain of 200 images has 6,000; the values of these take up to two megabytes. */
    public static final int MOST_TOKENS = 20_000;

    /** The bytes of the object that a token is. */
    private static final int TOKEN_SIZE = 64;

    /** Room for tokens that is kept for the next value. */
    private static final int MOST_KEPT = 1_000;

    private final QmpLexer lexer = new QmpLexer(this::take);
    private List<Token> tokens = new ArrayList<>();
    private List<Decoded> decoded = new ArrayList<>();
    private long position;
    private int size;
    private int braces;
    private int brackets;

    /** An item of the stream. */
    public sealed interface Decoded {
        /** How many bytes of the stream had come when it was whole. */
        long end();
    }

    /** A value, which need not be a command. */
    public record Whole(Json json, long end) implements Decoded {}

    /**
     * No value; what follows is read nevertheless.
     *
     * @param reason in the words of qemu's answer
     */
    public record Malformed(String reason, long end) implements Decoded {}

    /** The items that are whole with these bytes, in their order. */
    public List<Decoded> feed(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            position++;
            lexer.feed(bytes[i] & 0xff);
            if (size + lexer.pending() > MOST_BYTES) {
                lexer.begin();
                emit(new Malformed("JSON token size limit exceeded", position));
            }
        }
        List<Decoded> whole = decoded;
        decoded = new ArrayList<>();
        return whole;
    }

    /** The part of a value that has come while it is not whole, in bytes of memory. */
    public long weight() {
        return size + (long) TOKEN_SIZE * tokens.size() + lexer.weight();
    }

    private void take(Token token) {
        switch (token.kind()) {
            case OBJECT_BEGIN -> braces++;
            case OBJECT_END -> braces--;
            case ARRAY_BEGIN -> brackets++;
            case ARRAY_END -> brackets--;
            case STRAY -> {
                // qemu shows it as a string of C.
                String shown = token.text().replaceFirst("(?s)\0.*", "");
                emit(new Malformed("JSON parse error, stray '" + shown + "'", position));
                return;
            }
            case COLON, COMMA, INTEGER, FLOAT, KEYWORD, STRING -> {}
        }
        size += token.text().length();
        tokens.add(token);
        if (tokens.size() > MOST_TOKENS) {
            emit(new Malformed("JSON token count limit exceeded", position));
        } else if (braces + brackets > MOST_LEVELS) {
            emit(new Malformed("JSON nesting depth limit exceeded", position));
        } else if (braces < 0 || brackets < 0 || (braces == 0 && brackets == 0)) {
            emit(
                    switch (TokenParser.parse(tokens)) {
                        case TokenParser.Parsed(Json json) -> new Whole(json, position);
                        case TokenParser.Wrong(String reason) -> new Malformed("JSON parse error, " + reason, position);
                    });
        }
    }

    private void emit(Decoded value) {
        decoded.add(value);
        if (tokens.size() > MOST_KEPT) {
            tokens = new ArrayList<>();
        } else {
            tokens.clear();
        }
        size = 0;
        braces = 0;
        brackets = 0;
    }
}
