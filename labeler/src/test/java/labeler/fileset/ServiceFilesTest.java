package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.fileset.ServiceFiles.Belonging;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeLinux;
import org.junit.jupiter.api.Test;

class ServiceFilesTest {
    private static final HostPath RUNTIME = HostPath.of("/run/labeler/vms");

    private final FakeLinux kernel = new FakeLinux();
    private final ServiceFiles.Now now;

    ServiceFilesTest() {
        List.of(
                        "/run/labeler/labeler.sock",
                        "/run/labeler/vms/file",
                        "/run/labeler/vms/web/file",
                        "/run/labeler/vms/web/below/file",
                        "/etc/labeler.toml",
                        "/vm/a/b/disk")
                .forEach(path -> kernel.file(path, new byte[0]));
        ServicePlaces places = new ServicePlaces(
                List.of(HostPath.of("/run/labeler")), List.of(), List.of(HostPath.of("/etc/labeler.toml")), RUNTIME);
        now = new ServiceFiles(kernel.linux().open(), kernel.linux().entries(), places).now();
    }

    private Belonging of(String path) {
        try (OpenedFile file = (OpenedFile) kernel.linux().open().open(HostPath.of(path), OpenRequest.RECORDED)) {
            return now.of(file);
        }
    }

    @Test
    void each_file_is_judged_alike_in_any_order() {
        for (int round = 0; round < 2; round++) {
            assertThat(of("/vm/a/b/disk")).isEqualTo(Belonging.ELSEWHERE);
            assertThat(of("/run/labeler/vms/web/below/file")).isEqualTo(Belonging.RUNTIME_DIRECTORY);
            assertThat(of("/run/labeler/vms/web/file")).isEqualTo(Belonging.RUNTIME_DIRECTORY);
            assertThat(of("/run/labeler/vms/file")).isEqualTo(Belonging.SERVICE);
            assertThat(of("/run/labeler/labeler.sock")).isEqualTo(Belonging.SERVICE);
            assertThat(of("/etc/labeler.toml")).isEqualTo(Belonging.SERVICE);
            assertThat(now.ofName(HostPath.of("/run/labeler/vms/web/new"))).isEqualTo(Belonging.RUNTIME_DIRECTORY);
            assertThat(now.ofName(HostPath.of("/run/labeler/vms/new"))).isEqualTo(Belonging.SERVICE);
            assertThat(now.ofName(HostPath.of("/run/labeler/new"))).isEqualTo(Belonging.SERVICE);
            assertThat(now.ofName(HostPath.of("/vm/a/new"))).isEqualTo(Belonging.ELSEWHERE);
        }
    }

    @Test
    void what_is_too_deep_to_tell_makes_nothing_else_the_services() {
        String deep = "/vm/a" + "/d".repeat(600);
        kernel.file(deep + "/disk", new byte[0]);

        assertThat(of(deep + "/disk")).isEqualTo(Belonging.SERVICE);

        assertThat(of("/vm/a/b/disk")).isEqualTo(Belonging.ELSEWHERE);
        assertThat(now.ofName(HostPath.of("/vm/a/d/d/new"))).isEqualTo(Belonging.ELSEWHERE);
    }
}
