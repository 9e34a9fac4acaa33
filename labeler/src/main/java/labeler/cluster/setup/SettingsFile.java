package labeler.cluster.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import labeler.config.ClusterConfig;
import labeler.config.Config;
import labeler.config.ConfigReader;

/** The table of the cluster in a settings file. Everything else in the file stays as it is. */
record SettingsFile(Path file) {
    private static final String TABLE = "[cluster]";

    /** With spaces or a comment, as people write it. */
    private static final Pattern HEADER = Pattern.compile("\\[\\s*cluster\\s*](\\s*#.*)?");

    /**
     * Where the cluster of these settings is: in a file of its own, or in the settings file itself, if somebody has put it there,
     * or an earlier version.
     */
    static SettingsFile of(Path settings) throws IOException {
        boolean isInside = Files.exists(settings)
                && ConfigReader.parse(settings.toString(), Files.readString(settings))
                        instanceof ConfigReader.Read(Config config)
                && !config.cluster().equals(ClusterConfig.DEFAULT);
        return new SettingsFile(isInside ? settings : ConfigReader.clusterFile(settings));
    }

    /** Replaces the table, or adds it. */
    void put(ClusterConfig cluster) throws IOException {
        List<String> lines = withoutSettings();
        int table = header(lines);
        if (table < 0) {
            if (!lines.isEmpty() && !lines.getLast().isBlank()) {
                lines.add("");
            }
            lines.add(TABLE);
            table = lines.size() - 1;
        }
        lines.addAll(table + 1, settings(cluster));
        refuseUnlessRead(
                lines,
                cluster,
                "put this there by hand, as the only [cluster]: " + String.join("; ", settings(cluster)));
        write(lines);
    }

    private static int header(List<String> lines) {
        for (int line = 0; line < lines.size(); line++) {
            if (HEADER.matcher(lines.get(line).strip()).matches()) {
                return line;
            }
        }
        return -1;
    }

    /** TOML has many forms, and only the reader knows them all. A file that nobody can read stops the service. */
    private void refuseUnlessRead(List<String> lines, ClusterConfig wanted, String wayOut) throws IOException {
        boolean isWanted = ConfigReader.parse(file.toString(), String.join("\n", lines) + "\n")
                        instanceof ConfigReader.Read(Config config)
                && config.cluster().equals(wanted);
        if (!isWanted) {
            throw new IOException("the settings of the cluster cannot be changed in " + file + " as it is; " + wayOut);
        }
    }

    /** Takes the settings away, and the cluster's own file with them if nothing else is there. Comments stay. */
    void remove() throws IOException {
        if (Files.exists(file)) {
            List<String> lines = withoutSettings();
            refuseUnlessRead(lines, ClusterConfig.DEFAULT, "take them out by hand");
            if (lines.equals(List.of(TABLE)) && file.equals(ConfigReader.clusterFile(file))) {
                Files.delete(file);
            } else {
                write(lines);
            }
        }
    }

    private List<String> withoutSettings() throws IOException {
        List<String> kept = new ArrayList<>();
        boolean isInTable = false;
        boolean isInList = false;
        for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
            String text = line.strip();
            if (text.startsWith("[") && !isInList) {
                isInTable = HEADER.matcher(text).matches();
                kept.add(isInTable && text.equals(TABLE) ? TABLE : line);
            } else if (!isInTable || text.isEmpty() || text.startsWith("#")) {
                kept.add(line);
            } else {
                isInList = isInList ? !text.endsWith("]") : text.endsWith("[") || text.endsWith(",");
            }
        }
        return kept;
    }

    private static List<String> settings(ClusterConfig cluster) {
        List<String> settings = new ArrayList<>();
        settings.add(cluster.endpoints().stream()
                .map(endpoint -> quoted(endpoint.toString()))
                .collect(Collectors.joining(", ", "endpoints = [ ", " ]")));
        cluster.host().ifPresent(host -> settings.add("host = " + quoted(host.value())));
        cluster.authority().ifPresent(path -> settings.add("ca = " + quoted(path.toString())));
        cluster.user().ifPresent(user -> settings.add("user = " + quoted(user)));
        cluster.passwordFile().ifPresent(path -> settings.add("password-file = " + quoted(path.toString())));
        if (cluster.deadline() != ClusterConfig.DEFAULT.deadline()) {
            settings.add("deadline = " + cluster.deadline());
        }
        if (cluster.unregistered() != ClusterConfig.DEFAULT.unregistered()) {
            settings.add("unregistered = \"local\"");
        }
        return settings;
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private void write(List<String> lines) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.write(next, lines, StandardCharsets.UTF_8);
        Files.setPosixFilePermissions(
                next,
                Files.exists(file)
                        ? Files.getPosixFilePermissions(file)
                        : PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
