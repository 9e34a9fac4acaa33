package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.chain.testing.Qcow2Builder;
import labeler.linux.fake.FakeLinux;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;
import labeler.vm.libvirt.DomainXml;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A qemu that is installed beside images: no directory of the system tells that its files are executed. */
class ProgramFilesTest {
    private static final String QEMU = "/vm/bin/qemu-system-x86_64";
    private static final String LIBRARY = "/vm/lib/libslirp.so.0";
    private static final String SCRIPT = "/vm/bin/qemu-wrapper";

    private final FakeLinux kernel = new FakeLinux();

    @BeforeEach
    void programs() {
        kernel.file(QEMU, elf(1, 2, 0));
        kernel.owner(QEMU, 0, 0, 0755);
        kernel.file(LIBRARY, elf(2, 0, 3));
        kernel.owner(LIBRARY, 0, 0, 0644);
        kernel.file(SCRIPT, "#!/bin/sh\nexec qemu \"$@\"\n".getBytes(StandardCharsets.UTF_8));
        kernel.owner(SCRIPT, 0, 0, 0755);
    }

    /** @param order of its bytes: 1 for the least first, 2 for the most first */
    private static byte[] elf(int order, int first, int second) {
        byte[] content = new byte[512];
        byte[] begin = {0x7f, 'E', 'L', 'F', 2, (byte) order, 1};
        System.arraycopy(begin, 0, content, 0, begin.length);
        content[16] = (byte) first;
        content[17] = (byte) second;
        return content;
    }

    private List<Problem> problems(VmDefinition definition) {
        try (FileSet files = new FileSets(kernel.linux()).below("/vm").of(definition)) {
            return files.problems();
        } finally {
            assertThat(kernel.openDescriptors()).isZero();
        }
    }

    private List<Problem> problemsOfHeader(String program, String dataFile) {
        kernel.file("/vm/disk", Qcow2Builder.v3().dataFile(dataFile).build());
        return problems(FileSets.line(program, "-drive", "file=/vm/disk,format=qcow2"));
    }

    private static void assertNever(List<Problem> problems, String reason) {
        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.NOT_FROM_HEADER);
            assertThat(problem.message()).contains(reason);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {QEMU, LIBRARY, SCRIPT})
    void no_header_names_a_program_or_a_library_by_any_of_its_names(String file) {
        kernel.hardLink(file, "/vm/link");

        assertNever(problemsOfHeader("qemu-system-x86_64", file), "a program or a library");
        assertNever(problemsOfHeader("qemu-system-x86_64", "/vm/link"), "a program or a library");
    }

    /** The kernel may execute what begins in any way (binfmt_misc). */
    @Test
    void no_header_names_the_program_of_its_own_vm_whatever_that_is() {
        kernel.file("/vm/bin/strange", new byte[512]);
        kernel.hardLink("/vm/bin/strange", "/vm/link");

        assertNever(problemsOfHeader("/vm/bin/strange", "/vm/link"), "the program of this VM");
        assertNever(problemsOfHeader("vm/bin/strange", "/vm/bin/strange"), "the program of this VM");
    }

    @Test
    void a_disk_is_no_program_whatever_the_guest_has_written_at_its_begin() {
        byte[] core = elf(1, 4, 0);
        for (byte[] begin : List.of("#!/bin/sh\n".getBytes(StandardCharsets.UTF_8), core, new byte[3])) {
            kernel.file("/vm/data", begin);
            assertThat(problemsOfHeader(QEMU, "/vm/data")).isEmpty();
        }
        kernel.file("/vm/data", elf(1, 2, 0));
        assertThat(problems(FileSets.line(QEMU, "-drive", "file=/vm/data,format=raw")))
                .isEmpty();
    }

    private static void assertRefused(List<Problem> problems) {
        assertThat(problems)
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.PROGRAM_FILE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-drive file=NAME,format=raw", "-D NAME", "-pidfile NAME", "-serial file:NAME"})
    void no_definition_has_a_vm_write_a_program(String option) {
        kernel.hardLink(QEMU, "/vm/link");
        for (String name : List.of(QEMU, SCRIPT, "/vm/link")) {
            String[] words = option.replace("NAME", name).split(" ");
            assertRefused(problems(FileSets.qemu(words)));
        }
    }

    /** Its label would keep all VMs from their program. */
    @Test
    void no_definition_has_the_vms_own_program_for_reading_either() {
        assertRefused(problems(FileSets.line(QEMU, "-drive", "file=" + QEMU + ",format=raw,readonly=on")));
        assertRefused(problems(DomainXml.parse(("<domain type='kvm'><name>web1</name><devices><emulator>" + QEMU
                        + "</emulator><disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='"
                        + QEMU + "'/><target dev='sda'/><readonly/></disk></devices></domain>")
                .getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void nor_another_program_as_an_image_for_reading() {
        assertRefused(problems(FileSets.qemu("-drive", "file=" + QEMU + ",format=raw,readonly=on")));
    }

    @Test
    void a_guest_may_boot_a_kernel_that_is_a_program() {
        assertThat(problems(FileSets.qemu("-kernel", QEMU))).isEmpty();
    }

    @Test
    void no_tree_has_the_vms_own_program_in_it() {
        kernel.symbolicLink("/usr/local/bin/qemu", QEMU);
        VmDefinition tree = FileSets.line("/usr/local/bin/qemu", "-fsdev", "local,id=f,path=/vm,security_model=none");
        assertThat(problems(tree)).extracting(Problem::kind).contains(Problem.Kind.PROGRAM_FILE);
    }

    /** Libvirt leaves the labels of what a domain shares. */
    @Test
    void one_that_keeps_its_labels_may_have_it_for_reading() {
        assertThat(problems(shared("<readonly/>"))).isEmpty();
        assertThat(problems(shared(""))).extracting(Problem::kind).containsOnly(Problem.Kind.PROGRAM_FILE);
    }

    private static VmDefinition shared(String access) {
        return DomainXml.parse(("<domain type='kvm'><name>web1</name><devices><emulator>" + QEMU
                        + "</emulator><filesystem type='mount'><source dir='/vm'/><target dir='t'/>" + access
                        + "</filesystem></devices></domain>")
                .getBytes(StandardCharsets.UTF_8));
    }
}
