package labeler.guard.wire;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import labeler.json.Json;

/** Builds one value from its tokens, with qemu's own words for what is wrong. Depth is bounded by the decoder. */
final class TokenParser {
    private final Iterator<Token> tokens;

    private TokenParser(List<Token> tokens) {
        this.tokens = tokens.iterator();
    }

    /** A value, or why there is none. */
    sealed interface Result {}

    record Parsed(Json json) implements Result {}

    record Wrong(String reason) implements Result {}

    static Result parse(List<Token> tokens) {
        TokenParser parser = new TokenParser(tokens);
        return parser.value(parser.next());
    }

    private Token next() {
        return tokens.hasNext() ? tokens.next() : END;
    }

    /** Stands after the last token. */
    private static final Token END = new Token(Token.Kind.STRAY, "");

    private Result value(Token first) {
        return switch (first.kind()) {
            case OBJECT_BEGIN -> object();
            case ARRAY_BEGIN -> array();
            case STRING ->
                switch (QmpText.of(first.bytes())) {
                    case QmpText.Decoded(String text) -> new Parsed(Json.of(text));
                    case QmpText.NotText(String reason) -> new Wrong(reason);
                };
            case INTEGER -> new Parsed(integer(first.text()));
            case FLOAT -> new Parsed(new Json.JsonDecimal(first.text()));
            case KEYWORD -> keyword(first.text());
            case STRAY -> new Wrong("premature EOI");
            case OBJECT_END, ARRAY_END, COLON, COMMA -> new Wrong("expecting value");
        };
    }

    private static Json integer(String digits) {
        try {
            return Json.of(Long.parseLong(digits));
        } catch (NumberFormatException _) {
            // More than a long holds: qemu takes it as an unsigned number, or as a floating one.
            return new Json.JsonDecimal(digits);
        }
    }

    private static Result keyword(String word) {
        return switch (word) {
            case "true" -> new Parsed(Json.of(true));
            case "false" -> new Parsed(Json.of(false));
            case "null" -> new Parsed(Json.nothing());
            default -> new Wrong("invalid keyword '" + word + "'");
        };
    }

    private Result object() {
        Map<String, Json> members = new LinkedHashMap<>();
        Token token = next();
        if (token.kind() == Token.Kind.OBJECT_END) {
            return new Parsed(new Json.JsonObject(members));
        }
        while (true) {
            Result key = value(token);
            if (!(key instanceof Parsed(Json.JsonString(String name)))) {
                return key instanceof Wrong wrong ? wrong : new Wrong("key is not a string in object");
            }
            if (next().kind() != Token.Kind.COLON) {
                return new Wrong("missing : in object pair");
            }
            switch (value(next())) {
                case Parsed(Json json) -> {
                    if (members.putIfAbsent(name, json) != null) {
                        return new Wrong("duplicate key");
                    }
                }
                case Wrong wrong -> {
                    return wrong;
                }
            }
            switch (next().kind()) {
                case OBJECT_END -> {
                    return new Parsed(new Json.JsonObject(members));
                }
                case COMMA -> token = next();
                case OBJECT_BEGIN, ARRAY_BEGIN, ARRAY_END, COLON, INTEGER, FLOAT, KEYWORD, STRING, STRAY -> {
                    return new Wrong("expected separator in dict");
                }
            }
        }
    }

    private Result array() {
        List<Json> elements = new ArrayList<>();
        Token token = next();
        if (token.kind() == Token.Kind.ARRAY_END) {
            return new Parsed(Json.array(elements));
        }
        while (true) {
            switch (value(token)) {
                case Parsed(Json json) -> elements.add(json);
                case Wrong wrong -> {
                    return wrong;
                }
            }
            switch (next().kind()) {
                case ARRAY_END -> {
                    return new Parsed(Json.array(elements));
                }
                case COMMA -> token = next();
                case OBJECT_BEGIN, OBJECT_END, ARRAY_BEGIN, COLON, INTEGER, FLOAT, KEYWORD, STRING, STRAY -> {
                    return new Wrong("expected separator in list");
                }
            }
        }
    }
}
