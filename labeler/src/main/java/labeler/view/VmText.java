package labeler.view;

import java.util.ArrayList;
import java.util.List;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.view.Terminal.Style;

/** VMs and reports for people, from the JSON in which the service tells of them. */
public final class VmText {
    private static final String NOTHING_ENFORCED = "labels are written but nothing enforces them";

    private final Terminal terminal;

    public VmText(Terminal terminal) {
        this.terminal = terminal;
    }

    /** All VMs, one a line: no more is kept of each than its line. */
    public final class Table {
        private final List<List<String>> rows = new ArrayList<>();
        private int bare;

        public void add(Json element) {
            JsonObject vm = object(element);
            if (rows.isEmpty()) {
                rows.add(List.of("VM", "STATE", "PID", "LEVEL", "WALLS", "FILES"));
            }
            if (walls(vm).isEmpty()) {
                bare++;
            }
            rows.add(List.of(
                    text(vm, "vm"),
                    text(vm, "state"),
                    vm.number("pid").map(String::valueOf).orElse("-"),
                    text(vm, "level"),
                    walls(vm).isEmpty() ? "NONE" : String.join(",", walls(vm)),
                    String.valueOf(vm.elements("files").size())));
        }

        public void print() {
            if (rows.isEmpty()) {
                terminal.print("no VMs");
                return;
            }
            VmText.this.print(rows);
            if (bare > 0) {
                warn(bare + " of these VMs: " + NOTHING_ENFORCED);
            }
        }
    }

    private void print(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns - 1; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - width(row.get(i)) + 2);
            }
            terminal.print(line.append(row.getLast()).toString());
        }
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /** One VM with its files. */
    public void vm(JsonObject vm) {
        terminal.print(terminal.styled(Style.BOLD, text(vm, "vm")) + "  " + text(vm, "state")
                + vm.number("pid").map(pid -> ", pid " + pid).orElse("") + ", level " + text(vm, "level"));
        terminal.print("  process  " + text(vm, "processContext"));
        terminal.print("  images   " + text(vm, "imageContext"));
        terminal.print("  walls    " + (walls(vm).isEmpty() ? "none" : String.join(", ", walls(vm))));
        vm.text("runtimeDirectory").ifPresent(directory -> terminal.print("  sockets  " + Terminal.safe(directory)));
        List<Json> files = vm.elements("files");
        for (int i = 0; i < files.size(); i++) {
            file(object(files.get(i)), i == files.size() - 1);
        }
        for (Json external : vm.elements("external")) {
            terminal.print("  not a file: " + text(object(external), "reference"));
        }
        if (walls(vm).isEmpty()) {
            warn(NOTHING_ENFORCED);
        }
        problems("warning", vm.elements("warnings"));
        problems("problem", vm.elements("problems"));
    }

    private void file(JsonObject file, boolean last) {
        String bar = last ? "   " : "│  ";
        terminal.print("  " + (last ? "└─ " : "├─ ") + text(file, "path"));
        String context =
                file.text("context").map(label -> " " + Terminal.safe(label)).orElse("");
        String original = file.text("originalContext")
                .map(label -> " (was " + Terminal.safe(label) + ")")
                .orElse("");
        terminal.print("  " + bar + "  " + text(file, "treatment") + context + original);
        String reason = text(file, "reason");
        if (!reason.isEmpty()) {
            terminal.print("  " + bar + "  " + terminal.styled(Style.DIM, reason));
        }
        file.text("disk").ifPresent(disk -> terminal.print("  " + bar + "  joined with disk " + Terminal.safe(disk)));
        for (Json element : file.elements("uses")) {
            JsonObject use = object(element);
            terminal.print(
                    "  " + bar + "  " + text(use, "role") + ", " + text(use, "access") + ": " + text(use, "origin"));
        }
    }

    /** What came of files: those worth a word, one a line. */
    public void reports(JsonObject report) {
        files(report.elements("reports"));
        problems("problem", report.elements("problems"));
    }

    public void files(List<Json> files) {
        for (Json element : files) {
            JsonObject file = object(element);
            String message = text(file, "message");
            terminal.print("  " + text(file, "outcome") + "  " + text(file, "path")
                    + (message.isEmpty() ? "" : ": " + message));
        }
    }

    /** What a process has open and should not, or the other way round: one a line. */
    public void drift(List<Json> drift) {
        drift.forEach(one -> terminal.print("  " + text(object(one), "kind") + "  " + text(object(one), "message")));
    }

    public void problems(String word, List<Json> problems) {
        for (Json problem : problems) {
            terminal.err().println(terminal.styled(Style.WARNING, word + ":") + " " + problem(problem));
        }
    }

    private void warn(String message) {
        terminal.err().println(terminal.styled(Style.WARNING, "WARNING: " + message));
    }

    public static String problem(Json element) {
        JsonObject problem = object(element);
        String file =
                problem.text("file").map(name -> " " + Terminal.safe(name)).orElse("");
        return text(problem, "kind") + file + ": " + text(problem, "message");
    }

    public static List<String> walls(JsonObject vm) {
        return vm.elements("walls").stream()
                .map(wall -> wall instanceof JsonString(String word) ? Terminal.safe(word) : "?")
                .toList();
    }

    public static String text(JsonObject object, String member) {
        return object.text(member).map(Terminal::safe).orElse("");
    }

    public static JsonObject object(Json json) {
        return json instanceof JsonObject object ? object : Json.object().build();
    }
}
