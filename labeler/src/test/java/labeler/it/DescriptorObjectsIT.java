package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files outside of disks that qemu opens as any program does: it takes no set of descriptors there. */
@Timeout(600)
class DescriptorObjectsIT {
    private final ServiceFixture service;

    @AutoClose("closeWithService")
    private final GuardedChain vm;

    /** A VM behind Landlock. */
    DescriptorObjectsIT(@TempDir Path temporary) throws IOException {
        GuardedChain.requireTools();
        service = ServiceFixture.started(temporary);
        vm = GuardedChain.started(temporary, service, "-device", "pcie-root-port,id=rp1");
    }

    private String secret(String name, String format) {
        return "{'execute':'object-add','arguments':{'qom-type':'secret','id':'s','format':'" + format + "','file':'"
                + vm.path(name) + "'}}";
    }

    @Test
    void a_secret_is_read_from_a_copy_in_memory() throws IOException {
        Files.writeString(vm.path("secret"), "c2VjcmV0");
        vm.done(secret("secret", "base64"));
        assertThat(vm.holds("secret")).isTrue();
        assertThat(JsonWriter.compact(vm.done("{'execute':'query-fdsets'}"))).isEqualTo("[]");
        vm.done("{'execute':'object-del','arguments':{'id':'s'}}");
        eventually("it is given back", () -> !vm.holds("secret"));

        // qemu has read what is there.
        Files.writeString(vm.path("secret"), "!!!");
        assertThat(vm.refused(secret("secret", "base64"))).contains("Base64");
        assertThat(vm.holds("secret")).isFalse();
    }

    @Test
    void a_secret_opens_an_encrypted_image() throws IOException {
        Files.writeString(vm.path("secret"), "open sesame");
        GuardedChain.succeed(List.of(
                "qemu-img",
                "create",
                "-q",
                "-f",
                "luks",
                "--object",
                "secret,id=s,file=" + vm.path("secret"),
                "-o",
                "key-secret=s,iter-time=10",
                vm.path("encrypted").toString(),
                "1M"));

        vm.done(secret("secret", "raw"));
        vm.done("{'execute':'blockdev-add','arguments':{'driver':'luks','node-name':'e','key-secret':'s','file':{"
                + "'driver':'file','filename':'" + vm.path("encrypted") + "'}}}");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'e'}}");
    }

    @Test
    void what_is_too_large_to_be_copied_is_refused() throws IOException {
        Files.write(vm.path("secret"), new byte[(16 << 20) + 1]);

        assertThat(vm.refused(secret("secret", "raw"))).startsWith("labeler ").contains("large");
        assertThat(vm.holds("secret")).isFalse();
    }

    @Test
    void the_firmware_of_a_device_is_read_from_a_copy_in_memory() throws IOException {
        byte[] firmware = new byte[512];
        firmware[0] = 0x55;
        firmware[1] = (byte) 0xaa;
        firmware[2] = 1;
        Files.write(vm.path("firmware"), firmware);

        vm.done("{'execute':'device_add','arguments':{'driver':'virtio-net-pci','id':'n','bus':'rp1','romfile':'"
                + vm.path("firmware") + "'}}");
        assertThat(vm.holds("firmware")).isTrue();
    }

    @Test
    void memory_in_a_file_is_refused_with_a_way_out() throws IOException {
        assertThat(vm.refused("{'execute':'object-add','arguments':{'qom-type':'memory-backend-file','id':'m','size':"
                        + "1048576,'mem-path':'" + vm.path("memory") + "'}}"))
                .startsWith("labeler ")
                .contains("memory-backend-memfd");
        assertThat(vm.path("memory")).doesNotExist();
    }

    @Test
    void what_qemu_writes_by_name_is_refused_with_a_way_out() throws IOException {
        vm.done("{'execute':'netdev_add','arguments':{'type':'user','id':'n'}}");
        assertThat(vm.refused("{'execute':'object-add','arguments':{'qom-type':'filter-dump','id':'d','netdev':'n',"
                        + "'file':'" + vm.path("packets") + "'}}"))
                .startsWith("labeler ")
                .contains("when the VM starts");
        assertThat(vm.path("packets")).doesNotExist();
        assertThat(vm.refused("{'execute':'pmemsave','arguments':{'val':0,'size':4096,'filename':'" + vm.path("memory")
                        + "'}}"))
                .startsWith("labeler ")
                .contains("dump-guest-memory");
        assertThat(vm.path("memory")).doesNotExist();
    }

    @Test
    void a_directory_of_credentials_is_refused_with_a_way_out() throws IOException {
        assertThat(vm.refused("{'execute':'object-add','arguments':{'qom-type':'tls-creds-x509','id':'t','endpoint':"
                        + "'server','dir':'" + Files.createDirectory(vm.path("credentials")) + "'}}"))
                .startsWith("labeler N1: ")
                .contains("when it starts");
    }
}
