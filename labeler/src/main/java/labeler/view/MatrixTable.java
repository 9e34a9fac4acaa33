package labeler.view;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.lifecycle.Matrix.Access;

/** The service's matrix, read from its JSON: VMs across, files down. */
public final class MatrixTable {
    private final List<String> vms;
    private final List<File> files;
    private final List<List<String>> access;

    /** A file with its label, and the VMs that hold it. */
    public record File(String path, String context, Set<String> holders) {}

    public MatrixTable(JsonObject answer) {
        this.vms = answer.elements("vms").stream()
                .map(vm -> VmText.text(VmText.object(vm), "vm"))
                .toList();
        this.files = answer.elements("files").stream()
                .map(VmText::object)
                .map(file -> new File(
                        VmText.text(file, "path"),
                        VmText.text(file, "context"),
                        words(file.elements("holders")).stream().collect(Collectors.toUnmodifiableSet())))
                .toList();
        this.access = answer.elements("access").stream()
                .map(row -> row instanceof JsonArray(List<Json> cells) ? words(cells) : List.<String>of())
                .toList();
    }

    private static List<String> words(List<Json> elements) {
        return elements.stream()
                .map(element -> element instanceof JsonString(String word) ? Terminal.safe(word) : "?")
                .toList();
    }

    List<String> vms() {
        return vms;
    }

    List<File> files() {
        return files;
    }

    /** The word for what a VM may do with a file. */
    String access(int vm, int file) {
        return vm < access.size() && file < access.get(vm).size()
                ? access.get(vm).get(file)
                : "?";
    }

    /**
     * Whether a VM can write a file that it does not hold. Reading is for all who read the same base; what can be used as
     * a descriptor alone is in reach of nobody whom the service hands none.
     */
    boolean isTooMuch(int vm, int file) {
        return !files.get(file).holders().contains(vms.get(vm))
                && access(vm, file).equals(Access.READ_WRITE.word());
    }

    /** Whether a VM cannot reach a file that it holds. */
    boolean isTooLittle(int vm, int file) {
        return files.get(file).holders().contains(vms.get(vm))
                && access(vm, file).equals(Access.NONE.word());
    }
}
