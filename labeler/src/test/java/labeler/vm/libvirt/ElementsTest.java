package labeler.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.needs.Need;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.UseText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each place of a domain XML that can name a file is in a table, and the table is true. */
class ElementsTest {
    private static final Path SCHEMAS = Path.of("/usr/share/libvirt/schemas");

    private static final Set<FileRole> OF_HOST =
            EnumSet.of(FileRole.SHARED_DEVICE, FileRole.RANDOM_SOURCE, FileRole.SOCKET);

    private static final Path PAGE = Path.of("../docs/coverage.md");

    static Stream<ElementTable.Row> examples() throws IOException {
        return ElementTable.read().rows().stream()
                .filter(row -> !row.treatment().equals("none"));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void an_example_declares_what_the_table_says(ElementTable.Row row) {
        VmDefinition definition = definition(row);
        if (row.uses().equals("refused")) {
            assertThat(definition.problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.message()).contains("; "));
        } else {
            assertThat(definition.problems()).isEmpty();
            assertThat(String.join("; ", UseText.of(definition))).isEqualTo(row.uses());
        }
    }

    /** All else that is left, only the host knows: devices that are open to all, sockets of its programs, its settings. */
    @ParameterizedTest
    @MethodSource("examples")
    void the_table_says_of_each_example_whether_its_files_keep_their_labels(ElementTable.Row row) {
        VmDefinition definition = definition(row);
        boolean isLeft = row.treatment().equals("leave");
        assertThat(definition.uses()).allSatisfy(use -> {
            HostPath path = use.names().stream().findFirst().orElse(HostPath.of("/"));
            boolean isOfHost = OF_HOST.contains(use.role()) || path.toString().startsWith("/etc/");
            if (!isOfHost && !(use instanceof DeclaredUse.MadeByQemu)) {
                assertThat(definition.wishes().reasonToKeep(use.origin(), path).isPresent())
                        .as("%s: %s", row.place(), use)
                        .isEqualTo(isLeft);
            }
        });
    }

    private static VmDefinition definition(ElementTable.Row row) {
        return DomainXml.parse(
                ("<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>vm</name>"
                                + row.domain() + "</domain>")
                        .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_treatment_is_one_of_four() throws IOException {
        assertThat(ElementTable.read().rows())
                .allSatisfy(row -> assertThat(row.treatment()).isIn("label", "leave", "refuse", "none"))
                .allSatisfy(row -> assertThat(row.uses().equals("refused"))
                        .as(row.place())
                        .isEqualTo(row.treatment().equals("refuse")));
    }

    @Test
    void each_place_of_libvirts_schema_that_can_name_a_file_is_in_the_table_and_no_other() throws IOException {
        Need.require(Files.exists(SCHEMAS.resolve("domaincommon.rng")), "needs libvirt's schemas in " + SCHEMAS);
        Set<String> places = SchemaPlaces.of(SCHEMAS);
        List<ElementTable.Row> rows = ElementTable.read().rows();
        assertThat(places).hasSizeGreaterThan(200);
        assertThat(places.stream().filter(place -> rows.stream().noneMatch(row -> row.holds(place))))
                .as("places of the schema that no row has")
                .isEmpty();
        assertThat(rows.stream()
                        .filter(row -> places.stream().noneMatch(row::holds))
                        .map(ElementTable.Row::place))
                .as("rows that no place of the schema has")
                .isEmpty();
    }

    @Test
    void the_page_has_the_table() throws IOException {
        String page = Files.readString(PAGE);
        String renewed =
                CoveragePage.with(page, "libvirt-table", ElementTable.read().markdown());
        if (Boolean.getBoolean("labeler.write-documents")) {
            Files.writeString(PAGE, renewed);
        }
        assertThat(Files.readString(PAGE))
                .as("renew it: -Dtest=ElementsTest -Dlabeler.write-documents=true")
                .isEqualTo(renewed);
    }
}
