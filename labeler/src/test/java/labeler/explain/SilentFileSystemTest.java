package labeler.explain;

import static labeler.waiting.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import labeler.lifecycle.VmView;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.fake.FakeLinux;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One of two file systems does not answer when it is asked for a file that is to be explained. */
@Timeout(60)
class SilentFileSystemTest {
    private static final WaitLimits SHORT = new WaitLimits(Duration.ofMillis(200), Duration.ofSeconds(1), 2);
    private static final String THERE = "/there/disk";
    private static final String HERE = "/here/disk";
    private static final String LOST = "system_u:object_r:user_home_t:s0";

    private final FakeLinux kernel = new FakeLinux();
    private final FileSystemWork work = new FileSystemWork(kernel.linux().fileSystems(), SHORT);
    private final CountDownLatch answers = new CountDownLatch(1);

    @BeforeEach
    void twoFileSystems() {
        kernel.mount("/there");
        kernel.mount("/here");
        for (String path : List.of(THERE, HERE)) {
            kernel.file(path, new byte[1]);
            kernel.setLabel(path, LOST);
        }
    }

    @AfterEach
    void end() {
        answers.countDown();
        work.close();
    }

    private void hang() {
        kernel.faults().beforeNext("statx", () -> await(answers));
    }

    private FileIdentity identity(String path) {
        return kernel.status(path).orElseThrow().identity();
    }

    private List<VmView> vms() {
        return List.of(
                HeldVm.of("web1", "s0:c1,c2", new Pid(11), THERE, identity(THERE)),
                HeldVm.of("db1", "s0:c3,c4", new Pid(12), HERE, identity(HERE)));
    }

    private HeldFileSearch search() {
        Linux linux = work.noting(kernel.linux());
        return new HeldFileSearch(linux.open(), linux.attributes(), work, DeviceNames.ofHost(), vms());
    }

    private Facts facts(Facts.File file) {
        return new Facts(vms(), Optional.of(file), List.of(), "/run/NAME/qmp.sock");
    }

    private Denial denial(String path, String level) {
        return AuditRecords.read(Stream.of("type=AVC msg=audit(1764230695.123:4): avc:  denied  { read } for  pid=12"
                        + " comm=\"qemu\" path=\"" + path + "\" dev=\"none\" ino="
                        + identity(path).inode() + " scontext=system_u:system_r:svirt_t:" + level + " tcontext=" + LOST
                        + " tclass=file permissive=0"))
                .denials()
                .getFirst();
    }

    @Test
    void a_file_there_is_explained_by_the_name_of_the_file_system_and_one_elsewhere_as_ever() {
        hang();

        Facts.File there = search().named(HostPath.of(THERE));
        Explanation explanation = FileExplanation.of(there, facts(there));

        assertThat(explanation.notAnswering())
                .hasValueSatisfying(words -> assertThat(words).contains("ext4", "/there"));
        assertThat(explanation.sentences())
                .anySatisfy(sentence -> assertThat(sentence).contains("/there does not answer"))
                .anySatisfy(sentence -> assertThat(sentence).contains("VM web1 holds it"))
                .noneSatisfy(sentence -> assertThat(sentence).contains("nothing is there"));
        assertThat(search().named(HostPath.of(HERE)).look()).isInstanceOf(Look.Present.class);
        answers.countDown();
    }

    @Test
    void a_denial_there_is_explained_without_a_look_and_one_of_another_vm_as_ever() {
        hang();
        assertThat(search().named(HostPath.of(THERE)).look()).isInstanceOf(Look.Silent.class);
        Denial there = denial(THERE, "s0:c1,c2");
        Denial here = denial(HERE, "s0:c3,c4");

        Map<Denial, Facts.File> files = search().denied(List.of(there, here));

        Explanation silent =
                DenialExplanation.of(there, Optional.empty(), facts(Objects.requireNonNull(files.get(there))));
        assertThat(silent.reading()).hasValue(Reading.BUG);
        assertThat(silent.notAnswering()).isPresent();
        assertThat(String.join(" ", silent.sentences())).contains("label was lost", "/there does not answer");
        assertThat(String.join(" ", silent.advice())).contains("labeler relabel web1");
        Explanation told = DenialExplanation.of(here, Optional.empty(), facts(Objects.requireNonNull(files.get(here))));
        assertThat(told.notAnswering()).isEmpty();
        assertThat(told.advice()).containsExactly("Run `labeler relabel db1`.");
    }
}
