package labeler.guard.judge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import labeler.guard.QmpClient;
import labeler.guard.relay.MonitorTap;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.lifecycle.follow.FollowedHost;

/**
 * I6: what a command needs is on record and labelled when qemu gets it. It reads what a service would find that starts just
 * then: a copy of the journal's files as they are, with SQL of its own.
 */
final class SentCommands implements MonitorTap.Watcher {
    /** The journal is written while it is copied: then the copy may be no database. */
    private static final int ATTEMPTS = 5;

    /** Keys with the name of a file that qemu makes, or writes into. */
    private static final Set<String> WRITTEN = Set.of(
            "blockdev-create filename",
            "blockdev-snapshot-sync snapshot-file",
            "chardev-add out",
            "drive-backup target",
            "drive-mirror target",
            "dump-guest-memory protocol",
            "migrate uri",
            "pmemsave filename",
            "screendump filename");

    private final FollowedHost host;
    private final Path images;
    private final Path copy;
    private final String vm;
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private volatile String image = "";

    /** @param copy a directory of its own */
    SentCommands(FollowedHost host, Path copy, String vm) {
        this.host = host;
        this.images = host.path("").normalize();
        this.copy = copy;
        this.vm = vm;
    }

    /** The label of files that the VM writes. */
    void image(String label) {
        image = label;
    }

    List<String> complaints() {
        return complaints;
    }

    @Override
    public void sees(JsonObject command, QmpClient direct) throws IOException {
        Map<Path, Boolean> needed = new HashMap<>();
        String name = command.text("execute").orElse("");
        if (command.get("arguments").orElse(Json.nothing()) instanceof JsonObject arguments) {
            needs(name, arguments, QemuFacts.graph(direct), needed);
        }
        if (needed.isEmpty()) {
            return;
        }
        Map<Path, Boolean> recorded = recorded();
        needed.forEach((file, writes) -> {
            if (!recorded.containsKey(file) || (writes && !recorded.get(file))) {
                complaints.add("I6: " + vm + " gets " + name + ", and " + file + (writes ? " for writing" : "")
                        + " is not on record: " + recorded);
            }
            String label = Files.exists(file) ? host.label(file.getFileName().toString()) : "no file";
            if (!label.equals(image) && (writes || !label.equals(FollowedHost.CONTENT))) {
                complaints.add("I6: " + vm + " gets " + name + ", and " + file + (writes ? " for writing" : "")
                        + " is labelled " + label);
            }
        });
    }

    private void needs(String name, JsonObject arguments, QemuFacts facts, Map<Path, Boolean> needed)
            throws IOException {
        named(name, arguments, needed);
        for (Json action : arguments.elements("actions")) {
            if (action instanceof JsonObject one && one.get("data").orElse(Json.nothing()) instanceof JsonObject data) {
                needs(one.text("type").orElse(""), data, facts, needed);
            }
        }
        written(name, arguments, facts).forEach(node -> facts.file(node).ifPresent(file -> needed.put(file, true)));
        if (name.equals("blockdev-add")
                && arguments.text("driver").equals(Optional.of("qcow2"))
                && arguments.get("backing").isEmpty()) {
            below(arguments, facts).ifPresent(file -> needed.putIfAbsent(file, false));
        }
    }

    /** The image that the header of a new node's file names. */
    private static Optional<Path> below(JsonObject node, QemuFacts facts) throws IOException {
        Optional<Path> file = node.get("file").orElse(Json.nothing()) instanceof JsonObject inside
                ? inside.text("filename").map(Path::of)
                : node.text("file").flatMap(facts::file);
        return file.isEmpty() || !Files.exists(file.get())
                ? Optional.empty()
                : Optional.of(QemuFacts.header(file.get()))
                        .filter(name -> !name.isEmpty())
                        .map(Path::of);
    }

    /** Every name of an image, wherever it stands. */
    private void named(String command, JsonObject arguments, Map<Path, Boolean> needed) {
        arguments.members().forEach((key, value) -> {
            switch (value) {
                case JsonObject inside -> named(command, inside, needed);
                case JsonArray list ->
                    list.objects().stream()
                            .filter(one -> one.get("data").isEmpty())
                            .forEach(one -> named(command, one, needed));
                case JsonString text -> {
                    String name = text.text().replaceFirst("^file:", "");
                    if (name.startsWith(images + "/")) {
                        needed.merge(Path.of(name), WRITTEN.contains(command + " " + key), Boolean::logicalOr);
                    }
                }
                default -> {}
            }
        });
    }

    /** The nodes whose files qemu writes because of the command. */
    private static List<String> written(String name, JsonObject arguments, QemuFacts facts) {
        return switch (name) {
            case "block-commit" ->
                List.of(
                        arguments.text("base-node").orElse(""),
                        facts.above(arguments.text("top-node").orElse("")).stream()
                                .filter(facts.nodes()::containsKey)
                                .findFirst()
                                .orElse(""));
            case "block-stream" -> List.of(arguments.text("device").orElse(""));
            case "blockdev-mirror", "blockdev-backup" ->
                List.of(arguments.text("target").orElse(""));
            case "blockdev-snapshot" -> List.of(arguments.text("overlay").orElse(""));
            case "blockdev-reopen" ->
                arguments.elements("options").stream()
                        .filter(one -> one instanceof JsonObject node
                                && node.get("read-only").equals(Optional.of(new JsonBoolean(false))))
                        .map(one -> ((JsonObject) one).text("node-name").orElse(""))
                        .toList();
            default -> List.of();
        };
    }

    /** The files that the VM holds by the journal on disk, and whether for writing. */
    private Map<Path, Boolean> recorded() throws IOException {
        SQLException last = new SQLException();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Files.createDirectories(copy);
            for (String name : List.of("journal.db", "journal.db-wal")) {
                Files.deleteIfExists(copy.resolve(name));
                Path file = host.state().resolve(name);
                if (Files.exists(file)) {
                    Files.copy(file, copy.resolve(name));
                }
            }
            try {
                return read();
            } catch (SQLException e) {
                last = e;
            }
        }
        throw new IOException(last);
    }

    private Map<Path, Boolean> read() throws SQLException {
        Map<Path, Boolean> held = new HashMap<>();
        try (Connection journal = DriverManager.getConnection("jdbc:sqlite:" + copy.resolve("journal.db"));
                Statement statement = journal.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT path, uses LIKE '%\"READ_WRITE\"%' OR uses LIKE '%\"CREATE\"%' FROM hold WHERE vm = '"
                                + vm + "'")) {
            while (rows.next()) {
                held.merge(
                        Path.of(new String(rows.getBytes(1), StandardCharsets.UTF_8)),
                        rows.getBoolean(2),
                        Boolean::logicalOr);
            }
        }
        return held;
    }
}
