package labeler.guard.table;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;

/** Finds the texts in a command's arguments, each with its role. */
final class ArgumentReader {
    /** Types within types, of which a command of the decoder's 64 levels has up to three for each. */
    private static final int DEEPEST = 256;

    private final Schema schema;
    private final CommandTable roles;
    private final List<Mention> mentions = new ArrayList<>();
    private Optional<String> unknown = Optional.empty();
    private int depth;

    ArgumentReader(Schema schema, CommandTable roles) {
        this.schema = schema;
        this.roles = roles;
    }

    /** The arguments of one command; the reader is of no use afterwards. */
    QmpTable.Reading read(String command, String type, JsonObject arguments) {
        value(type, arguments, new ArgumentPath(command, ""));
        return unknown.<QmpTable.Reading>map(QmpTable.NotKnown::new).orElseGet(() -> new QmpTable.Known(mentions));
    }

    /** The decoder bounds the depth of a command, but a qemu that lies may tell of a type that is its own variant. */
    private void deeper(ArgumentPath at, Runnable reading) {
        if (depth == DEEPEST) {
            unknown(at, "is too deep");
            return;
        }
        depth++;
        reading.run();
        depth--;
    }

    private void value(String typeName, Json json, ArgumentPath at) {
        deeper(at, () -> type(typeName, json, at));
    }

    private void type(String typeName, Json json, ArgumentPath at) {
        ArgumentPath place = schema.sharedName(typeName)
                .map(name -> new ArgumentPath(name, ""))
                .orElse(at);
        Optional<SchemaType> type = schema.type(typeName);
        if (type.isEmpty()) {
            unknown(place, "has a type that qemu does not tell of");
            return;
        }
        switch (type.get()) {
            case SchemaType.Text _ -> {
                if (json instanceof JsonString(String text)) {
                    mention(place, text);
                } else {
                    unknown(place, "must be a string");
                }
            }
            case SchemaType.Plain _ -> {
                if (json instanceof JsonObject || json instanceof JsonArray) {
                    unknown(place, "must be a number or a word");
                }
            }
            case SchemaType.Anything _ -> mention(place, json instanceof JsonString(String text) ? text : "");
            case SchemaType.ListOf(String element) -> {
                if (json instanceof JsonArray(List<Json> elements)) {
                    elements.forEach(one -> value(element, one, place.element()));
                } else {
                    unknown(place, "must be a list");
                }
            }
            case SchemaType.OneOf one -> alternative(one, json, place);
            case SchemaType.Members members -> {
                if (json instanceof JsonObject object) {
                    object(members, object, place);
                } else {
                    unknown(place, "must be an object");
                }
            }
        }
    }

    private void alternative(SchemaType.OneOf one, Json json, ArgumentPath at) {
        one.alternatives().stream()
                .filter(alternative -> schema.type(alternative)
                        .filter(type -> isOf(type, json))
                        .isPresent())
                .findFirst()
                .ifPresentOrElse(
                        alternative -> value(alternative, json, at.alternative()),
                        () -> unknown(at, "is of none of its types"));
    }

    private static boolean isOf(SchemaType type, Json json) {
        return switch (type) {
            case SchemaType.Text _ -> json instanceof JsonString;
            case SchemaType.ListOf _ -> json instanceof JsonArray;
            case SchemaType.Members _ -> json instanceof JsonObject;
            case SchemaType.Plain _ -> !(json instanceof JsonArray || json instanceof JsonObject);
            case SchemaType.Anything _, SchemaType.OneOf _ -> true;
        };
    }

    private void object(SchemaType.Members type, JsonObject object, ArgumentPath at) {
        Set<String> left = new LinkedHashSet<>(object.members().keySet());
        members(type, object, at, left);
        left.stream().findFirst().ifPresent(name -> unknown(at.member(name), "is unknown"));
    }

    /** @param left the names that have not been met yet */
    private void members(SchemaType.Members type, JsonObject object, ArgumentPath at, Set<String> left) {
        type.members()
                .forEach((name, of) -> object.get(name).ifPresent(json -> {
                    left.remove(name);
                    value(of, json, at.member(name));
                }));
        if (type.tag().isEmpty()) {
            return;
        }
        Optional<String> word = object.text(type.tag().get());
        if (word.isEmpty()) {
            unknown(at.member(type.tag().get()), "is missing");
            return;
        }
        Optional.ofNullable(type.variants().get(word.get()))
                .flatMap(schema::type)
                .ifPresent(variant -> {
                    if (variant instanceof SchemaType.Members more) {
                        deeper(at, () -> members(more, object, at.variant(word.get()), left));
                    }
                });
    }

    private void mention(ArgumentPath at, String text) {
        roles.of(at)
                .ifPresentOrElse(role -> mentions.add(new Mention(at, role, text)), () -> unknown(at, "is unknown"));
    }

    private void unknown(ArgumentPath at, String why) {
        if (unknown.isEmpty()) {
            unknown = Optional.of(at + " " + why);
        }
    }
}
