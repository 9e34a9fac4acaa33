package labeler.vm.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** What becomes of each element and attribute of a domain XML that can hold a file's name. */
record ElementTable(List<Row> rows) {
    /**
     * One row.
     *
     * @param place {@code a/b@c}, with <code>{a,b}</code> for either and {@code **} for anything
     * @param treatment {@code label}, {@code leave}, {@code refuse}, or {@code none} where qemu opens no file by it
     * @param example XML inside of a domain, or of its devices; empty for none
     * @param uses that the example declares, or {@code refused}
     */
    record Row(String place, String treatment, String reason, String example, String uses) {
        boolean holds(String path) {
            String pattern = place.replace("{", "(").replace("}", ")").replace(",", "|");
            return Pattern.matches(pattern.replace("/*", "/.+").replace(".+*", ".+"), path);
        }

        /** The XML inside of a domain. */
        String domain() {
            return place.startsWith("devices/") || place.startsWith("{devices")
                    ? "<devices>" + example + "</devices>"
                    : example;
        }
    }

    static ElementTable read() throws IOException {
        try (InputStream in = Objects.requireNonNull(ElementTable.class.getResourceAsStream("elements.txt"))) {
            return new ElementTable(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .map(line -> line.split(" \\| ", -1))
                    .map(cells -> new Row(
                            cells[0],
                            cells[1],
                            cells[2],
                            cells.length > 3 ? cells[3] : "",
                            cells.length > 4 ? cells[4] : ""))
                    .toList());
        }
    }

    /** The table for people. */
    String markdown() {
        StringBuilder out = new StringBuilder("| element, or attribute | treatment | why |\n|---|---|---|\n");
        rows.forEach(row -> out.append("| `")
                .append(row.place())
                .append("` | ")
                .append(row.treatment())
                .append(" | ")
                .append(row.reason())
                .append(" |\n"));
        return out.toString();
    }
}
