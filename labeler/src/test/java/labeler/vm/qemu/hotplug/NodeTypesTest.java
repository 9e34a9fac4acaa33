package labeler.vm.qemu.hotplug;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.vm.qemu.option.InstalledQemu;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tables agree with the schema of the qemu that is installed here. */
class NodeTypesTest {
    private final Map<String, JsonObject> types = new HashMap<>();
    private final Set<String> walked = new HashSet<>();

    /** Each key of a node's options, at any depth, with the types that it has. */
    private final Map<String, Set<String>> keys = new TreeMap<>();

    @BeforeEach
    void askQemu() throws Exception {
        InstalledQemu.require(InstalledQemu.QEMU);
        String answer =
                InstalledQemu.qmp(List.of("{\"execute\":\"query-qmp-schema\"}")).getFirst();
        if (new JsonReader().read(answer) instanceof JsonReader.Value(JsonObject schema)) {
            schema.elements("return")
                    .forEach(
                            entry -> types.put(((JsonObject) entry).text("name").orElseThrow(), (JsonObject) entry));
        }
        walk(type("blockdev-add").text("arg-type").orElseThrow());
    }

    private JsonObject type(String name) {
        return Objects.requireNonNull(types.get(name), name);
    }

    private void walk(String name) {
        if (!walked.add(name)) {
            return;
        }
        JsonObject type = type(name);
        type.text("element-type").ifPresent(this::walk);
        // Members of an enum have a name alone, those of an alternate a type alone.
        for (Json one : type.elements("members")) {
            ((JsonObject) one).text("type").ifPresent(of -> {
                ((JsonObject) one)
                        .text("name")
                        .ifPresent(key -> keys.computeIfAbsent(key, _ -> new TreeSet<>())
                                .add(type(of).text("json-type").orElse("other")));
                walk(of);
            });
        }
        type.elements("variants")
                .forEach(variant -> walk(((JsonObject) variant).text("type").orElseThrow()));
    }

    private Set<String> where(Predicate<Set<String>> ofTypes) {
        return keys.entrySet().stream()
                .filter(key -> ofTypes.test(key.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    @Test
    void every_switch_is_known() {
        assertThat(NodeTypes.SWITCHES).containsAll(where(Set.of("boolean")::equals));
    }

    @Test
    void every_number_is_known() {
        assertThat(NodeTypes.NUMBERS).containsAll(where(Set.of("int")::equals));
    }

    @Test
    void no_text_is_taken_for_another_type() {
        assertThat(where(of -> of.contains("string")))
                .doesNotContainAnyElementsOf(NodeTypes.SWITCHES)
                .doesNotContainAnyElementsOf(NodeTypes.NUMBERS);
        assertThat(where(of -> of.contains("int") && of.contains("string"))).containsOnly("namespace", "user");
    }
}
