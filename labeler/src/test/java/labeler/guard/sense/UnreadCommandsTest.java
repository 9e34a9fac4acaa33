package labeler.guard.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.guard.graph.BlockGraph;
import labeler.guard.relay.Command;
import labeler.guard.table.ArgumentPath;
import labeler.guard.table.CommandTable;
import labeler.guard.table.Mention;
import labeler.guard.table.TextRole;
import labeler.json.Json;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A command of which the table says that it names a file, and nobody what it does with it. */
class UnreadCommandsTest {
    private static final String NOT_KNOWN = "does not know what";

    /** The roles of what stays within qemu, or goes to the network. */
    private static final Set<TextRole> OTHERS = EnumSet.of(TextRole.NONE, TextRole.REFERENCE, TextRole.NETWORK);

    private static Optional<Objection> objection(String name, TextRole role) {
        Situation nothing = new Situation(
                new NodeFiles(new BlockGraph(Map.of(), List.of(), List.of(), Map.of()), Map.of()),
                new NameRules(
                        NameRules.Places.of(List.of(HostPath.of("/vm")), List.of()), HostPath.of("/run/one"), true),
                Permissions.of(List.of()),
                Map.of());
        Command command =
                new Command(name, Json.object().put("somewhere", "/vm/file").build(), false, Optional.empty());
        Mention mention = new Mention(new ArgumentPath(name, ".somewhere"), role, "/vm/file");
        return switch (CommandReader.read(command, List.of(mention), nothing)) {
            case CommandReader.Senseless(Objection objection) -> Optional.of(objection);
            case CommandReader.Sensible _ -> Optional.empty();
        };
    }

    @ParameterizedTest
    @EnumSource
    void is_refused_if_the_text_is_one_of_the_hosts_names(TextRole role) {
        Optional<Objection> objection = objection("a-newer-command", role);
        assertThat(objection.map(Objection::rule))
                .isEqualTo(OTHERS.contains(role) ? Optional.empty() : Optional.of(Rule.C1));
        // The words by which the table's own commands are told from this one.
        objection.ifPresent(it -> assertThat(it.message()).contains(NOT_KNOWN));
    }

    /** A command that is not denied, with the role of one of its texts. */
    record Named(String command, TextRole role) {}

    @ParameterizedTest
    @MethodSource("named")
    void is_none_of_the_table(Named named) {
        assertThat(objection(named.command(), named.role()).map(Objection::message))
                .satisfiesAnyOf(
                        message -> assertThat(message).isEmpty(),
                        message -> assertThat(message.orElseThrow()).doesNotContain(NOT_KNOWN));
    }

    @Test
    void the_table_has_some() throws IOException {
        assertThat(named().map(Named::command)).contains("blockdev-snapshot-sync", "screendump", "migrate");
    }

    /** As the table's own text has them, without what only a shared type has: RulesTest sends those. */
    private static Stream<Named> named() throws IOException {
        List<Named> named = new ArrayList<>();
        List<String> commands = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(CommandTable.class.getResourceAsStream("qmp-roles.txt"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String content = line.replaceFirst("#.*", "").stripTrailing();
                if (content.isEmpty()) {
                    continue;
                }
                List<String> words = List.of(content.strip().split(" +"));
                if (!content.startsWith(" ")) {
                    commands.clear();
                    if (!Set.of("deny", "type").contains(words.getFirst())) {
                        commands.addAll(words.subList(1, words.size()));
                    }
                    continue;
                }
                TextRole role =
                        TextRole.valueOf(words.getFirst().replace('-', '_').toUpperCase(Locale.ROOT));
                if (!OTHERS.contains(role)) {
                    commands.forEach(command -> named.add(new Named(command, role)));
                }
            }
        }
        return named.stream().distinct();
    }
}
