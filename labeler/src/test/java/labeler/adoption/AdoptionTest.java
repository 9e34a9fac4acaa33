package labeler.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.libvirt.DefinedLevels;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdoptionTest {
    private static final VmName WEB1 = new VmName("web1");
    private static final HostPath QEMU = HostPath.of("/usr/bin/qemu-system-x86_64");

    private final Path emulator;
    private final Path names;
    private final HostPath ours;
    private final Path definitions;

    AdoptionTest(@TempDir Path directory) {
        this.emulator = directory.resolve("labeler-emulator");
        this.definitions = directory.resolve("qemu");
        this.names = directory.resolve("emulators");
        this.ours = HostPath.of(names + QEMU.printable());
    }

    @BeforeEach
    void install() throws IOException {
        Files.createDirectory(definitions);
        Files.createFile(emulator, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    private static String domain(String name, String program) {
        return "<domain><name>" + name + "</name><devices><emulator>" + program + "</emulator></devices></domain>";
    }

    private Adoption adoption(FakeVirsh virsh) {
        return adoption(virsh, emulator);
    }

    private Adoption adoption(FakeVirsh virsh, Path emulator) {
        return new Adoption(
                virsh, new EmulatorNames(HostPath.of(names)), emulator, new DefinedLevels(definitions, _ -> {}));
    }

    @Test
    void an_adopted_domain_has_a_name_for_its_emulator_and_a_released_one_its_own_again() throws IOException {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        String before = virsh.definition;

        assertThat(adoption(virsh).adopt(WEB1, Optional.empty()))
                .isEqualTo(new Adoption.Done(WEB1, ours, QEMU, true, false, Optional.empty(), List.of()));
        assertThat(virsh.definition).isEqualTo(domain("web1", ours.printable()));
        assertThat(Files.readSymbolicLink(ours.jdkPath())).isEqualTo(emulator);
        assertThat(adoption(virsh).adopt(WEB1, Optional.empty()))
                .isEqualTo(new Adoption.Done(WEB1, ours, QEMU, false, false, Optional.empty(), List.of()));

        virsh.state = "running\n";
        assertThat(adoption(virsh).release(WEB1))
                .isEqualTo(new Adoption.Done(WEB1, QEMU, QEMU, true, true, Optional.empty(), List.of()));
        assertThat(virsh.definition).isEqualTo(before);
        assertThat(adoption(virsh).release(WEB1))
                .isEqualTo(new Adoption.Done(WEB1, QEMU, QEMU, false, true, Optional.empty(), List.of()));
    }

    @Test
    void a_name_that_was_lost_is_made_again() throws IOException {
        FakeVirsh virsh = new FakeVirsh(domain("web1", ours.printable()));

        assertThat(adoption(virsh).adopt(WEB1, Optional.empty())).isInstanceOf(Adoption.Done.class);
        assertThat(Files.readSymbolicLink(ours.jdkPath())).isEqualTo(emulator);
    }

    @Test
    void a_name_leads_to_the_program_wherever_the_command_was_called_from() throws IOException {
        Path relative = Path.of("").toAbsolutePath().relativize(emulator);
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        Files.createDirectories(ours.jdkPath().getParent());
        Files.createSymbolicLink(ours.jdkPath(), Path.of("of/before"));

        assertThat(adoption(virsh, relative).adopt(WEB1, Optional.empty())).isInstanceOf(Adoption.Done.class);
        assertThat(Files.readSymbolicLink(ours.jdkPath())).isAbsolute();
        assertThat(Files.isSameFile(ours.jdkPath(), emulator)).isTrue();
        try (Stream<Path> left = Files.list(names)) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).containsExactlyInAnyOrder("usr", ".lock");
        }
    }

    @Test
    void a_file_of_somebody_else_is_not_replaced() throws IOException {
        Files.createDirectories(ours.jdkPath().getParent());
        Files.writeString(ours.jdkPath(), "somebody's");
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));

        assertThat(adoption(virsh).adopt(WEB1, Optional.empty()))
                .isInstanceOfSatisfying(
                        Adoption.Failed.class,
                        failed -> assertThat(failed.message()).contains("is no link of labeler's"));
        assertThat(ours.jdkPath()).hasContent("somebody's");
    }

    @Test
    void what_cannot_be_changed_so_is_refused_and_left() {
        FakeVirsh transientDomain = new FakeVirsh(domain("web1", QEMU.printable()));
        transientDomain.information = "Persistent:     no\n";
        for (FakeVirsh virsh : new FakeVirsh[] {
            transientDomain,
            new FakeVirsh(domain("another", QEMU.printable())),
            new FakeVirsh(domain("web1", "qemu")),
            new FakeVirsh(domain("web1", "/usr/../bin/qemu")),
            new FakeVirsh(domain("web1", "/bin/q\u202emu")),
            new FakeVirsh("<domain><name>web1</name></domain>")
        }) {
            String before = virsh.definition;
            assertThat(adoption(virsh).adopt(WEB1, Optional.empty())).as(before).isInstanceOf(Adoption.Refused.class);
            assertThat(virsh.definition).isEqualTo(before);
        }
    }

    @Test
    void what_virsh_says_is_passed_on_in_one_line() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        virsh.defineError = "error: Failed to define\nerror: no reason\n";

        assertThat(adoption(virsh).adopt(WEB1, Optional.empty()))
                .isEqualTo(new Adoption.Failed("web1: virsh define fails: error: Failed to define error: no reason;"
                        + " its definition is as before"));
    }

    @Test
    void without_the_program_nothing_is_adopted() throws IOException {
        Files.delete(emulator);
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));

        assertThat(adoption(virsh).adopt(WEB1, Optional.empty())).isInstanceOf(Adoption.Failed.class);
        assertThat(virsh.definition).isEqualTo(domain("web1", QEMU.printable()));
    }

    private static FreeLabel choosing(String... levels) {
        Iterator<String> next = List.of(levels).iterator();
        return (_, _) -> next.hasNext()
                ? new FreeLabel.Free(context(next.next()))
                : new FreeLabel.NoneFree("no level is free", FreeLabel.Cause.REFUSED);
    }

    private static SecurityContext context(String level) {
        return SecurityContext.parse("system_u:system_r:svirt_t:" + level).orElseThrow();
    }

    /** As another command writes it at the same moment. */
    private void anotherKeeps(String level) {
        try {
            Files.writeString(
                    definitions.resolve("web2.xml"),
                    "<domain><name>web2</name><seclabel type='static'><label>system_u:system_r:svirt_t:" + level
                            + "</label></seclabel></domain>");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_label_is_written_and_taken_out_again() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        String before = virsh.definition;

        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2"))))
                .isEqualTo(
                        new Adoption.Done(WEB1, ours, QEMU, true, false, Optional.of(context("s0:c1,c2")), List.of()));
        assertThat(virsh.definition)
                .contains("<seclabel model='selinux' relabel='no' type='static'>"
                        + "<label>system_u:system_r:svirt_t:s0:c1,c2</label></seclabel></domain>");
        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing())))
                .isEqualTo(
                        new Adoption.Done(WEB1, ours, QEMU, false, false, Optional.of(context("s0:c1,c2")), List.of()));
        assertThat(adoption(virsh).adopt(WEB1, Optional.empty()))
                .isEqualTo(
                        new Adoption.Done(WEB1, ours, QEMU, false, false, Optional.of(context("s0:c1,c2")), List.of()));

        assertThat(adoption(virsh).release(WEB1))
                .isEqualTo(new Adoption.Done(WEB1, QEMU, QEMU, true, false, Optional.empty(), List.of()));
        assertThat(virsh.definition).isEqualTo(before);
    }

    @Test
    void a_domain_that_is_guarded_already_gets_a_label_too() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        adoption(virsh).adopt(WEB1, Optional.empty());

        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2"))))
                .isEqualTo(
                        new Adoption.Done(WEB1, ours, QEMU, true, false, Optional.of(context("s0:c1,c2")), List.of()));
    }

    @Test
    void a_level_that_another_has_written_at_the_same_moment_is_given_up() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        virsh.defined = () -> anotherKeeps("s0:c1,c2");

        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2", "s0:c3,c4"))))
                .isEqualTo(
                        new Adoption.Done(WEB1, ours, QEMU, true, false, Optional.of(context("s0:c3,c4")), List.of()));
        assertThat(virsh.definition).contains("s0:c3,c4").doesNotContain("s0:c1,c2");
    }

    @Test
    void one_of_ours_that_another_keeps_is_chosen_anew() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2")));
        anotherKeeps("s0:c1,c2");

        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c3,c4"))))
                .isEqualTo(
                        new Adoption.Done(WEB1, ours, QEMU, true, false, Optional.of(context("s0:c3,c4")), List.of()));
    }

    @Test
    void without_a_free_level_the_definition_is_as_before() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        String before = virsh.definition;

        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing())))
                .isEqualTo(new Adoption.Unlabelled(
                        "web1: no level is free; nothing has changed", FreeLabel.Cause.REFUSED));
        assertThat(virsh.definition).isEqualTo(before);
        virsh.defined = () -> anotherKeeps("s0:c1,c2");
        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2"))))
                .isEqualTo(new Adoption.Unlabelled(
                        "web1: no level is free; its definition is as before", FreeLabel.Cause.REFUSED));
        assertThat(virsh.definition).isEqualTo(before);
        assertThat(adoption(virsh).adopt(WEB1, Optional.of((_, _) -> new FreeLabel.Free(context("s0:c1,c2")))))
                .isInstanceOf(Adoption.Unlabelled.class);
        assertThat(virsh.definition).isEqualTo(before);
    }

    @Test
    void a_label_of_somebody_else_stays() {
        String own = "<seclabel type='static' model='selinux' relabel='no'><label>" + context("s0:c5,c6")
                + "</label></seclabel>";
        String definition = domain("web1", QEMU.printable()).replace("</domain>", own + "</domain>");
        FakeVirsh virsh = new FakeVirsh(definition);

        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing())))
                .isEqualTo(
                        new Adoption.Done(WEB1, ours, QEMU, true, false, Optional.of(context("s0:c5,c6")), List.of()));
        assertThat(adoption(virsh).release(WEB1))
                .isEqualTo(
                        new Adoption.Done(WEB1, QEMU, QEMU, true, false, Optional.of(context("s0:c5,c6")), List.of()));
        assertThat(virsh.definition).isEqualTo(definition);

        anotherKeeps("s0:c5,c6");
        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2"))))
                .isInstanceOf(Adoption.Refused.class);
        virsh.definition = domain("web1", QEMU.printable())
                .replace("</domain>", "<seclabel type='dynamic' relabel='yes'/></domain>");
        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2"))))
                .isInstanceOfSatisfying(
                        Adoption.Refused.class,
                        refused -> assertThat(refused.message()).contains("virsh edit"));
        assertThat(adoption(virsh).adopt(WEB1, Optional.empty())).isInstanceOf(Adoption.Done.class);
    }

    @Test
    void what_somebody_else_has_written_meanwhile_is_not_undone() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        String edited = virsh.definition.replace("<devices>", "<title>edited</title><devices>");

        assertThat(adoption(virsh).adopt(WEB1, Optional.of((_, _) -> {
                    virsh.definition = edited;
                    return new FreeLabel.Free(context("s0:c1,c2"));
                })))
                .isEqualTo(new Adoption.Refused("web1: somebody else has changed its definition meanwhile; try again"));
        assertThat(virsh.definition).isEqualTo(edited);

        // Also between two choices, and then the first is in it.
        virsh.defined = () -> {
            anotherKeeps("s0:c1,c2");
            virsh.definition = virsh.definition.replace("s0:c1,c2", "s0:c5,c6");
        };
        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2", "s0:c3,c4"))))
                .isInstanceOf(Adoption.Refused.class);
        assertThat(virsh.definition).contains("s0:c5,c6", "edited").doesNotContain("s0:c3,c4");
    }

    @Test
    void a_domain_that_is_undefined_meanwhile_does_not_come_back() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        String before = virsh.definition;

        assertThat(adoption(virsh).adopt(WEB1, Optional.of((_, _) -> {
                    virsh.isUndefined = true;
                    return new FreeLabel.Free(context("s0:c1,c2"));
                })))
                .isEqualTo(new Adoption.Failed(
                        "web1: virsh dumpxml fails: error: failed to get domain 'web1';" + " nothing has changed"));
        assertThat(virsh.definition).isEqualTo(before);
    }

    @Test
    void nothing_is_asked_after_it_was_written_that_could_fail() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        virsh.defined = () -> virsh.state = "";

        assertThat(adoption(virsh).adopt(WEB1, Optional.empty())).isInstanceOf(Adoption.Done.class);
        assertThat(adoption(virsh).release(WEB1))
                .isEqualTo(new Adoption.Failed("web1: virsh domstate fails: error: Disconnected; nothing has changed"));
    }

    @Test
    void a_second_choice_that_cannot_be_written_takes_back_the_first() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        String before = virsh.definition;
        virsh.defined = () -> anotherKeeps("s0:c1,c2");
        virsh.defineError = "error: no";
        virsh.definesBeforeError = 1;
        virsh.errors = 1;

        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2", "s0:c3,c4"))))
                .isEqualTo(new Adoption.Failed("web1: virsh define fails: error: no; its definition is as before"));
        assertThat(virsh.definition).isEqualTo(before);

        virsh.definesBeforeError = 1;
        virsh.errors = Integer.MAX_VALUE;
        assertThat(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2", "s0:c3,c4"))))
                .isInstanceOfSatisfying(
                        Adoption.Failed.class,
                        failed -> assertThat(failed.message())
                                .contains("may not be as before", "virsh dumpxml --inactive web1"));
    }

    private static List<String> warnings(Adoption.Outcome outcome) {
        return outcome instanceof Adoption.Done done ? done.warnings() : List.of(outcome.toString());
    }

    @Test
    void a_label_that_means_nothing_to_libvirt_is_warned_of() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        virsh.capabilities = "<capabilities><host><secmodel><model>apparmor</model></secmodel></host></capabilities>";

        assertThat(warnings(adoption(virsh).adopt(WEB1, Optional.empty()))).isEmpty();
        for (int i = 0; i < 2; i++) {
            assertThat(warnings(adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2")))))
                    .singleElement()
                    .asString()
                    .contains("no driver for SELinux", "labeler libvirt release web1");
        }
        assertThat(warnings(adoption(virsh).release(WEB1))).isEmpty();
    }

    @Test
    void a_managed_save_is_warned_of_if_the_definition_becomes_another() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        virsh.information += "Managed save:   yes\n";

        assertThat(warnings(adoption(virsh).adopt(WEB1, Optional.empty())))
                .singleElement()
                .asString()
                .contains("virsh managedsave-remove web1");
        assertThat(warnings(adoption(virsh).adopt(WEB1, Optional.empty()))).isEmpty();
        assertThat(warnings(adoption(virsh).release(WEB1))).hasSize(1);
    }

    @Test
    void a_label_of_ours_gets_the_type_that_the_domain_has_by_now() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        adoption(virsh).adopt(WEB1, Optional.of(choosing("s0:c1,c2")));
        SecurityContext emulated =
                SecurityContext.parse("system_u:system_r:svirt_tcg_t:s0:c3,c4").orElseThrow();
        SecurityContext expected =
                SecurityContext.parse("system_u:system_r:svirt_tcg_t:s0:c1,c2").orElseThrow();

        for (boolean changed : new boolean[] {true, false}) {
            assertThat(adoption(virsh).adopt(WEB1, Optional.of((_, _) -> new FreeLabel.Free(emulated))))
                    .isEqualTo(new Adoption.Done(WEB1, ours, QEMU, changed, false, Optional.of(expected), List.of()));
        }
        assertThat(warnings(adoption(virsh).release(WEB1))).isEmpty();
        assertThat(virsh.definition).isEqualTo(domain("web1", QEMU.printable()));
    }

    @Test
    void the_reason_why_no_label_could_be_chosen_is_passed_on() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));

        for (FreeLabel.Cause cause : FreeLabel.Cause.values()) {
            assertThat(adoption(virsh).adopt(WEB1, Optional.of((_, _) -> new FreeLabel.NoneFree("why", cause))))
                    .isEqualTo(new Adoption.Unlabelled("web1: why; nothing has changed", cause));
        }
    }
}
