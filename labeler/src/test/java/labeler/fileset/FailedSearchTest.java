package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import labeler.chain.testing.Qcow2Builder;
import labeler.fileset.device.DeviceTree;
import labeler.linux.Linux;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.Faults;
import org.junit.jupiter.api.Test;

/** A search that runs out of memory fails alone, and the service goes on: it may leave nothing open. */
class FailedSearchTest {
    private static final String[] OPTIONS = {
        "-drive",
        "file=/vm/disk.qcow2,format=qcow2",
        "-kernel",
        "/vm/kernel",
        "-chardev",
        "socket,id=c,path=/vm/helper.sock",
        "-chardev",
        "file,id=l,path=/log/made.log",
        "-fsdev",
        "local,id=f,path=/vm/tree,security_model=none"
    };

    private final FakeLinux kernel = new FakeLinux();
    private final Linux linux = kernel.linux();

    FailedSearchTest() {
        kernel.file(
                "/vm/disk.qcow2", Qcow2Builder.overlay("/vm/base.raw", "raw").build());
        List.of("/vm/base.raw", "/vm/kernel", "/log/other", "/vm/tree/file")
                .forEach(path -> kernel.file(path, new byte[512]));
        kernel.socket("/vm/helper.sock");
    }

    @Test
    void wherever_a_search_runs_out_of_memory_nothing_stays_open() {
        try (FileSet files = search()) {
            assertThat(files.problems()).isEmpty();
            assertThat(files.files()).hasSize(6);
        }
        List<Faults.Call> calls = kernel.faults().calls();
        assertThat(calls).extracting(Faults.Call::name).contains("openat2", "pread", "statx");
        for (String name : calls.stream().map(Faults.Call::name).distinct().toList()) {
            long times = calls.stream().filter(call -> call.name().equals(name)).count();
            for (int nth = 1; nth <= times; nth++) {
                failBefore(name, nth);
                assertThatThrownBy(() -> search())
                        .as("before call %d of %s", nth, name)
                        .isInstanceOf(OutOfMemoryError.class);
                assertThat(kernel.openDescriptors())
                        .as("open after a failure before call %d of %s", nth, name)
                        .isZero();
            }
        }
    }

    private FileSet search() {
        SystemFiles system = new SystemFiles(List.of(), DeviceTree.OF_HOST, true, OtherNames.on(linux));
        return new FileSets(linux, system).of(FileSets.qemu(OPTIONS));
    }

    private void failBefore(String name, int nth) {
        kernel.faults().beforeNext(name, () -> {
            if (nth == 1) {
                throw new OutOfMemoryError("of the test");
            }
            failBefore(name, nth - 1);
        });
    }
}
