package labeler.vm.qemu.option;

import java.nio.file.Path;
import java.util.List;

/** What qemu opens though no option names it: {@code system-opens.txt}. */
record SystemOpens(List<Row> rows) {
    /** A name, or the beginning of names. */
    record Row(String name, boolean mayWrite, String reason) {
        boolean covers(String path, Path directory) {
            String whole = name.startsWith("./") ? directory + name.substring(1) : name;
            return (whole.endsWith("/") || whole.endsWith("*"))
                    ? path.startsWith(whole.replace("*", ""))
                    : path.equals(whole);
        }

        /** Whether docs/coverage-qemu.md is to name it. */
        boolean isOnPage() {
            return reason.equals("page");
        }
    }

    static SystemOpens read() {
        return new SystemOpens(TriedForm.lines("system-opens.txt").stream()
                .map(line -> line.split(" \\| ", -1))
                .map(cells -> new Row(cells[0], cells[1].equals("write"), cells[2]))
                .toList());
    }

    /** @param directory in which qemu starts */
    boolean cover(String path, boolean writes, Path directory) {
        return rows.stream().anyMatch(row -> row.covers(path, directory) && (row.mayWrite() || !writes));
    }
}
