package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.fake.FakeLinux;
import labeler.mcs.ProcessContexts;
import labeler.openfiles.ProcessDescriptors;
import labeler.registry.Mine;
import labeler.selinux.CategoryPair;
import labeler.storage.MountedStorages;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry has a VM of this boot that the journal has not. */
class UnknownVmsTest {
    private static final VmName WEB = new VmName("web");
    private static final int FIRST = 1;
    private static final int OTHER = 77;

    private final FakeLinux fake = new FakeLinux();

    private final Path proc;

    /** Two processes run. */
    UnknownVmsTest(@TempDir Path proc) throws IOException {
        this.proc = proc;
        fake.processes().start(FIRST, "system_u:system_r:init_t:s0");
        // It is no VM's, and some hosts let nobody look at it.
        unreadable(FIRST);
        fake.processes().start(OTHER, "system_u:system_r:other_t:s0");
    }

    private void visible(int pid) throws IOException {
        visible(pid, "/usr/bin/program");
    }

    private void visible(int pid, String program) throws IOException {
        Path process = proc.resolve(Integer.toString(pid));
        Files.createDirectories(process.resolve("fd"));
        Files.createSymbolicLink(process.resolve("exe"), Path.of(program));
        Files.writeString(process.resolve("mountinfo"), "", StandardCharsets.UTF_8);
    }

    /** As a kernel that does not tell which program it is; it tells nothing of its files either. */
    private void unreadable(int pid) throws IOException {
        Files.writeString(
                Files.createDirectories(proc.resolve(Integer.toString(pid))).resolve("exe"), "");
    }

    private Set<VmName> ended(boolean selinux) {
        return ended(selinux, false);
    }

    private Set<VmName> ended(boolean selinux, boolean isJournalWhole) {
        Mine.HostedVm vm = new Mine.HostedVm(WEB, Optional.empty(), CategoryPair.of(1, 2), "boot", Set.of());
        UnknownVms vms = new UnknownVms(
                fake.processes(),
                new ProcessContexts(fake.processes(), selinux),
                ProcessDescriptors.in(proc),
                new MountedStorages(fake.linux(), Map::of),
                isJournalWhole);
        vms.look(List.of(vm));
        return vms.isWithoutProcess(WEB) ? Set.of(WEB) : Set.of();
    }

    @Test
    void a_vm_that_no_process_belongs_to_has_ended() throws IOException {
        visible(OTHER);

        assertThat(ended(false)).containsExactly(WEB);
        assertThat(ended(true)).containsExactly(WEB);
    }

    @Test
    void a_process_that_may_not_be_looked_at_may_be_the_vms() throws IOException {
        unreadable(OTHER);

        assertThat(ended(false)).isEmpty();
    }

    @Test
    void where_the_journal_is_whole_silence_is_an_end() throws IOException {
        unreadable(OTHER);

        assertThat(ended(false, true)).containsExactly(WEB);
        fake.processes().become(OTHER, "system_u:system_r:svirt_t:s0:c1,c2");
        assertThat(ended(true, true)).as("what is seen counts").isEmpty();
    }

    @Test
    void with_selinux_a_process_at_another_level_is_not_the_vms_whether_it_may_be_looked_at_or_not()
            throws IOException {
        unreadable(OTHER);

        assertThat(ended(true)).containsExactly(WEB);
        fake.processes().become(OTHER, "system_u:system_r:svirt_t:s0:c1,c2");
        assertThat(ended(true)).isEmpty();
    }

    @Test
    void a_process_that_has_ended_meanwhile_is_none() {
        assertThat(ended(false)).containsExactly(WEB);
    }

    @Test
    void a_process_of_any_program_is_looked_at() throws IOException {
        visible(OTHER, "/usr/bin/java");

        assertThat(ended(false)).containsExactly(WEB);
    }

    @Test
    void where_processes_are_hidden_nobody_can_tell() throws IOException {
        visible(OTHER);
        fake.processes().end(FIRST);

        assertThat(ended(false)).isEmpty();
        assertThat(ended(true)).isEmpty();
    }
}
