package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import org.junit.jupiter.api.Test;

/**
 * The page says of each option of qemu which files it has, and what becomes of them, as the program reads it.
 * {@code -Dlabeler.write-documents=true} updates it.
 */
class CoveragePageTest {
    private static final Path PAGE =
            Path.of("../docs/coverage-qemu.md").toAbsolutePath().normalize();

    private static final String BEGIN = "<!-- options -->\n";
    private static final String END = "<!-- end of options -->";

    @Test
    void the_page_says_what_the_program_does() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        String renewed = page.substring(0, from) + table() + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("labeler.write-documents")) {
            Files.writeString(PAGE, renewed);
        } else {
            assertThat(page)
                    .as("docs/coverage-qemu.md; ./dev test -Dtest=CoveragePageTest -Dlabeler.write-documents=true"
                            + " renews it")
                    .isEqualTo(renewed);
        }
    }

    private static String table() {
        List<String> rows = new ArrayList<>();
        List<String> without = new ArrayList<>();
        OptionTable.all().stream()
                .sorted(Comparator.comparing(Option::name, String.CASE_INSENSITIVE_ORDER)
                        .thenComparing(Option::name))
                .forEach(option -> {
                    List<String> forms = PageForms.of(option);
                    List<String> found =
                            forms.stream().flatMap(form -> rows(option, form)).toList();
                    if (found.isEmpty()) {
                        without.add("`-" + option.name() + "`");
                    }
                    rows.addAll(found);
                });
        return "| option | has | becomes | where no label can be stored |\n|---|---|---|---|\n"
                + String.join("\n", rows)
                + "\n\nThese name no file: "
                + String.join(", ", without)
                + ".\n";
    }

    private static Stream<String> rows(Option option, String form) {
        String argument = form.replace(FileTemplates.NAME, "/vm/x");
        List<String> words =
                option.takesArgument() ? List.of("-" + option.name(), argument) : List.of("-" + option.name());
        QemuCommandLine line = QemuCommandLine.read(
                Stream.concat(Stream.of("qemu"), words.stream())
                        .map(word -> word.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                HostPath.of("/vm"));
        String first = "| `-" + option.name() + (form.isEmpty() || form.equals("x") ? "" : " " + form) + "` | ";
        if (!line.definition().problems().isEmpty()) {
            return line.definition().problems().stream()
                    .map(Problem::message)
                    .map(message -> first + "| refused: " + message.substring(message.indexOf(": ") + 2) + " | |");
        }
        Map<String, List<String>> same = new TreeMap<>();
        for (DeclaredUse use : line.definition().uses()) {
            String kept = use.names().stream()
                    .flatMap(name -> line.definition().wishes().reasonToKeep(use.origin(), name).stream())
                    .findFirst()
                    .map(reason -> "left: " + reason + " | ")
                    .orElseGet(() -> becomes(use) + " | " + instead(line, use));
            same.computeIfAbsent(kept, _ -> new ArrayList<>()).add(named(use));
        }
        return same.entrySet().stream()
                .map(entry -> first + String.join(", ", entry.getValue()) + " | " + entry.getKey() + " |");
    }

    /** What it is, with a name where that is not the one in the option. */
    private static String named(DeclaredUse use) {
        String names = use.names().stream()
                .map(HostPath::toString)
                .filter(name -> !name.equals("/vm/x"))
                .map(name -> name.replace("/vm/x/", "NAME/").replace("/vm/x.", "NAME."))
                .findFirst()
                .map(name -> " `" + name + "`")
                .orElse("");
        String device = use instanceof DeclaredUse.DeviceUse ? ", its nodes by sysfs" : "";
        return use.role().word() + names + device;
    }

    /** In the words of the label rules (docs/operations.md). */
    private static String becomes(DeclaredUse use) {
        return switch (use) {
            case DeclaredUse.ImageUse image ->
                label(use.role(), image.image().access() == labeler.chain.Access.READ_WRITE)
                        + ", with all that its header names";
            case DeclaredUse.FileUse file -> label(use.role(), file.access() != UseAccess.READ_ONLY);
            case DeclaredUse.SearchedUse searched ->
                label(use.role(), searched.access() != UseAccess.READ_ONLY) + "; the first that exists";
            case DeclaredUse.OptionalUse file ->
                label(use.role(), file.access() != UseAccess.READ_ONLY) + "; if it exists";
            case DeclaredUse.MadeByQemu made -> "left: " + made.reason();
            case DeclaredUse.DeviceUse _ -> label(use.role(), true);
            case DeclaredUse.TreeUse tree ->
                label(use.role(), tree.access() != UseAccess.READ_ONLY) + ", with all below";
        };
    }

    private static String label(FileRole role, boolean writes) {
        if (role == FileRole.SHARED_DEVICE) {
            return "left: other processes use it as well";
        }
        return writes || role.isSecret() ? "labelled for this VM alone" : "labelled as content for all VMs";
    }

    /** What qemu takes in the place of the name. */
    private static String instead(QemuCommandLine line, DeclaredUse use) {
        if (use.role() == FileRole.SHARED_DEVICE || use instanceof DeclaredUse.MadeByQemu) {
            return "";
        }
        if (use instanceof DeclaredUse.ImageUse) {
            return "passed as a descriptor";
        }
        String places = line.places(use).stream()
                .map(place -> switch (place.takes()) {
                    case NameSubstitute.Descriptor _ -> "passed as a descriptor";
                    case NameSubstitute.Copy() -> "read from a copy";
                    case NameSubstitute.NameAlone() -> "refused";
                })
                .distinct()
                .collect(Collectors.joining(", "));
        return places.isEmpty() ? "refused" : places;
    }
}
