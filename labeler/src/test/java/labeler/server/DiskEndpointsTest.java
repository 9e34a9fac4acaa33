package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachRequest;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskEndpointsTest {
    private static final String BLOCKDEV = "driver=raw,node-name=n1,file.driver=file,file.filename=/vm/d";

    @AutoClose
    private final TestServer server;

    DiskEndpointsTest(@TempDir Path directory) throws IOException {
        server = TestServer.start(directory);
    }

    @BeforeEach
    void aVm() throws IOException {
        server.post("/v1/vms/web1/start", "{\"domainXml\":\"<domain/>\"}");
    }

    private static String attach(String device) {
        return "{\"blockdevs\":[\"" + BLOCKDEV + "\"],\"device\":\"" + device + "\",\"monitor\":\"/run/qmp\"}";
    }

    @Test
    void a_disk_is_attached_under_its_devices_id() throws IOException {
        assertThat(server.post("/v1/vms/web1/attach", attach("scsi-hd,drive=n1,id=d1")))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"disk\":\"d1\"", "\"files\"");

        AttachRequest request = server.lifecycle().attaches().getFirst();
        assertThat(request.name()).isEqualTo(new VmName("web1"));
        assertThat(request.monitor()).contains(HostPath.of("/run/qmp"));
        assertThat(request.disk().nodes()).containsExactly("n1");
    }

    @Test
    void a_disk_is_detached_with_a_report() throws IOException {
        assertThat(server.post("/v1/vms/web1/detach", "{\"disk\":\"d1\"}"))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"reverted\":1", "\"kept\":1", "\"disk\":\"d1\"");
        assertThat(server.lifecycle().detaches())
                .containsExactly(new DetachRequest(new VmName("web1"), "d1", Optional.empty()));
    }

    @Test
    void problems_decide_about_the_status() throws IOException {
        assertThat(server.post("/v1/vms/web1/attach", attach("scsi-hd,drive=n1,id=taken")))
                .startsWith("HTTP/1.1 409 ");
        assertThat(server.post("/v1/vms/web1/detach", "{\"disk\":\"kept\"}")).startsWith("HTTP/1.1 500 ");
        assertThat(server.post("/v1/vms/none/attach", attach("scsi-hd,drive=n1")))
                .startsWith("HTTP/1.1 404 ");
        assertThat(server.post("/v1/vms/none/detach", "{\"disk\":\"d1\"}")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void a_body_that_is_not_understood_is_a_usage_error() throws IOException {
        for (String body : List.of(
                "",
                "[]",
                "{}",
                "{\"blockdevs\":[]}",
                "{\"blockdevs\":[7]}",
                "{\"blockdevs\":\"" + BLOCKDEV + "\"}",
                "{\"blockdevs\":[\"driver=raw\"]}",
                "{\"blockdevs\":[\"" + BLOCKDEV + "\"],\"device\":7}",
                "{\"blockdevs\":[\"" + BLOCKDEV + "\"],\"monitor\":\"qmp\"}",
                "{\"blockdevs\":[\"" + BLOCKDEV + "\"],\"monitor\":\"/q\\u0000\"}",
                "{\"blockdevs\":[\"" + BLOCKDEV + "\"],\"more\":1}",
                attach("scsi-hd"),
                attach("scsi-hd,drive=other"))) {
            assertThat(server.post("/v1/vms/web1/attach", body)).as(body).startsWith("HTTP/1.1 400 ");
        }
        for (String body : List.of("", "{}", "{\"disk\":7}", "{\"disk\":\"d1\",\"device\":\"d1\"}")) {
            assertThat(server.post("/v1/vms/web1/detach", body)).as(body).startsWith("HTTP/1.1 400 ");
        }
        assertThat(server.lifecycle().attaches()).isEmpty();
        assertThat(server.lifecycle().detaches()).isEmpty();
    }
}
