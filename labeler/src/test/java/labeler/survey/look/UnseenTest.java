package labeler.survey.look;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.api.ParsedDefinitions;
import labeler.chain.testing.Qcow2Builder;
import labeler.libvirt.LibvirtDirectories;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.survey.Flaw;
import labeler.survey.FlawKind;
import labeler.survey.Survey;
import labeler.survey.Unseen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What could not be looked at is said, and taken for nothing else. */
class UnseenTest extends MadeUpHost {
    private static final String LIMIT = "no more than %d processes, or %d qemus among them, are looked at";

    private final List<Unseen> seen = new ArrayList<>();

    UnseenTest(@TempDir Path directory) {
        super(directory);
    }

    @Test
    void a_label_that_cannot_be_read_is_not_none() throws IOException {
        kernel.file("/vm/disk", new byte[4096]);
        kernel.setLabel("/vm/disk", IMAGE + ":c6,c7");
        kernel.file("/vm/evil", Qcow2Builder.overlay("/dev/null", "raw").build());
        kernel.file("/vm/stale", new byte[4096]);
        for (String file : List.of("/vm/evil", "/vm/stale")) {
            kernel.setLabel(file, IMAGE + ":c8,c9");
            kernel.faults().failAlways("lgetxattr", file, Errno.EIO);
        }
        kernel.faults().failAlways("fgetxattr", "/vm/disk", Errno.EACCES);
        process(11, "c", "qemu-system-x86_64", "-drive", "if=none,format=raw,file=disk");

        Survey survey = survey("/vm");

        // The header of /vm/evil is read all the same. By its name in the directory /vm/disk shows its label.
        assertThat(kinds(survey)).contains(FlawKind.REFUSED_IMAGE);
        assertThat(survey.findings())
                .filteredOn(flaw -> flaw.kind() == FlawKind.DEAD_LABEL)
                .extracting(Flaw::file)
                .containsExactly(Optional.of(HostPath.of("/vm/disk")));
        assertThat(survey.unseen())
                .filteredOn(one -> one.what().startsWith("the label of "))
                .containsExactly(new Unseen("the label of /vm/disk and 2 more", "Permission denied"));
        assertThat(survey.complete()).isFalse();
        assertThat(survey.looked().files()).isEqualTo(1);

        kernel.faults().clear();
        for (String file : List.of("/vm/evil", "/vm/stale", "/vm/disk")) {
            kernel.faults().failAlways("lgetxattr", file, Errno.EOPNOTSUPP);
        }
        Survey without = survey("/vm");
        assertThat(without.unseen()).noneMatch(one -> one.what().startsWith("the label of "));
        assertThat(without.looked().files()).isEqualTo(3);
    }

    @Test
    void a_context_that_cannot_be_read_is_no_missing_wall() throws IOException {
        process(11, "c", "qemu-system-x86_64", "-name", "web1");
        kernel.faults().failAlways("attr/current", "11", Errno.EACCES);

        Survey survey = survey();

        assertThat(survey.findings()).isEmpty();
        assertThat(survey.unseen())
                .contains(new Unseen("the wall around web1 (process 11)", "its context is not to be seen"));

        selinux(false);
        assertThat(survey().unseen()).contains(new Unseen("the pair of process 11", "its context is not to be seen"));
    }

    @Test
    void the_walk_through_processes_has_an_end_and_tells_it() throws IOException {
        for (int pid = 11; pid <= 15; pid++) {
            process(pid, "c", pid == 12 ? "bash" : "qemu-system-x86_64", "-name", "web" + pid);
        }
        assertThat(running(new ProcessLook.Limits(3, 9))).isEqualTo(2);
        assertThat(seen).containsExactly(new Unseen("2 more processes", LIMIT.formatted(3, 9)));
        assertThat(running(new ProcessLook.Limits(9, 3))).isEqualTo(3);
        assertThat(seen).containsExactly(new Unseen("1 more processes", LIMIT.formatted(9, 3)));
        assertThat(running(new ProcessLook.Limits(5, 4))).isEqualTo(4);
        assertThat(seen).isEmpty();
    }

    private int running(ProcessLook.Limits limits) {
        seen.clear();
        return new ProcessLook(
                        directory.resolve("proc"),
                        linux.processes(),
                        new ParsedDefinitions(LibvirtDirectories.SYSTEM),
                        new Patience(SHORT.call()),
                        limits)
                .look(seen)
                .size();
    }

    @Test
    void a_process_that_lives_and_does_not_show_itself_has_not_ended() throws IOException {
        process(11, "c", "qemu-system-x86_64", "-name", "web1");
        Files.delete(directory.resolve("proc/11/status"));
        assertThat(survey().unseen()).contains(new Unseen("process 11", "no such file or directory"));

        kernel.processes().end(11);
        assertThat(survey().unseen()).noneMatch(one -> one.what().equals("process 11"));
    }
}
