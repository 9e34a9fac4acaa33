package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import labeler.hook.HookScript;
import labeler.linux.HostPath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hook's script, run as libvirt runs it (libvirt.org/hooks.html): four arguments, the domain XML on standard input. */
class HookIT {
    private static final String VM = "web 1; touch pwned $(touch pwned) 'ü";
    private static final String LEVEL = "s0:c12,c345";

    /** libvirt's calls for a running VM, in which the hook does nothing. */
    private static final List<String> OTHER_MOMENTS = List.of(
            "prepare begin",
            "started begin",
            "stopped end",
            "restore begin",
            "reconnect begin",
            "attach begin",
            "something new");

    private final Path temporary;
    private final Images images;
    private final Path overlay;
    private final Path hook;
    private final SortedMap<String, SortedMap<String, String>> before;
    private final ServiceFixture service;

    HookIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("curl", "qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        overlay = images.overlay("overlay", images.labelledRaw("base"));
        before = Attributes.of(images.directory());
        HookScript installed = new HookScript(HostPath.of(temporary.resolve("hooks")));
        installed.install();
        hook = installed.path().jdkPath();
        service = new ServiceFixture(temporary);
    }

    @AfterEach
    void end() throws IOException {
        service.close();
        service.assertNoStackTrace();
        assertThat(temporary.resolve("pwned")).doesNotExist();
        assertThat(Path.of("pwned")).doesNotExist();
    }

    @Test
    void start_begin_labels_at_the_level_that_libvirt_chose_and_release_end_gives_back() throws IOException {
        service.start();

        assertSilent(call("start begin", overlay));
        assertThat(Attributes.label(overlay))
                .hasValueSatisfying(label -> assertThat(label).endsWith(":" + LEVEL));
        assertThat(service.get("/v1/vms").elements("vms"))
                .singleElement()
                .satisfies(vm -> assertThat(vm.text("vm")).contains(VM));

        assertSilent(call("release end", overlay));
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
        assertThat(service.get("/v1/vms").elements("vms")).isEmpty();
    }

    /** After an active commit with pivot: libvirt has given the top's label to the base, and uses the base. */
    @Test
    void release_end_gives_back_what_libvirt_gave_the_vms_pair_meanwhile() throws IOException {
        service.start();
        Path base = images.path("base");
        assertSilent(call("start begin", overlay));
        Attributes.label(base, "unconfined_u:object_r:svirt_image_t:" + LEVEL);

        assertSilent(call("release end", base));

        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    @Test
    void a_refused_vm_does_not_start_and_libvirt_logs_why_in_one_line() throws IOException {
        service.start();
        Path guessed = images.path("guessed");
        // qemu-img itself refuses a backing file without a format, so the header's entry is taken out afterwards.
        Files.write(guessed, withoutBackingFormat(Files.readAllBytes(overlay)));

        Command refused = call("start begin", guessed);

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.line())
                .startsWith("labeler: VM " + VM + " may not start: ")
                .contains(guessed.toString());
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    /** libvirt releases a start that was refused. */
    @Test
    void a_vm_of_that_name_that_libvirt_has_not_started_keeps_its_files() throws IOException {
        service.start();
        service.start("by-hand", Images.qemuWithOverlay(overlay)).ok();
        SortedMap<String, SortedMap<String, String>> held = Attributes.of(images.directory());

        assertThat(run("by-hand", "start begin", xml(overlay)).line()).contains("may not start");
        assertSilent(run("by-hand", "release end", xml(overlay)));

        assertThat(service.holds("by-hand")).isTrue();
        assertThat(Attributes.of(images.directory())).isEqualTo(held);
        service.stop("by-hand").ok();
    }

    @Test
    void a_domain_that_is_no_xml_does_not_start() throws IOException {
        service.start();

        Command refused = run(VM, "start begin", "<domain><devices>".getBytes(StandardCharsets.UTF_8));

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.line()).contains("may not start");
    }

    @Test
    void other_moments_need_no_service_and_change_nothing() throws IOException {
        for (String moment : OTHER_MOMENTS) {
            assertSilent(call(moment, overlay));
        }
        service.start();
        for (String moment : OTHER_MOMENTS) {
            assertSilent(call(moment, overlay));
        }
        // It is asked, and knows no other host.
        assertSilent(call("migrate begin", overlay));
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
        assertThat(service.get("/v1/vms").elements("vms")).isEmpty();
    }

    @Test
    void without_a_service_a_start_fails_and_a_release_only_complains() throws IOException {
        Command started = call("start begin", overlay);
        Command coming = call("migrate begin", overlay);
        Command released = call("release end", overlay);

        assertThat(coming.exitCode()).isEqualTo(1);
        assertThat(coming.out()).isEmpty();
        assertThat(coming.line()).contains("may not come here", "systemctl start labelerd");
        assertThat(started.exitCode()).isEqualTo(1);
        assertThat(started.line()).contains("may not start", service.socket().toString(), "systemctl start labelerd");
        assertThat(released.exitCode()).isZero();
        assertThat(released.line()).contains("not given back yet");
    }

    /** Only the time limit is shortened for the test. */
    @Test
    void a_service_that_never_answers_fails_the_start_when_the_time_is_up() throws IOException {
        String script = Files.readString(hook);
        assertThat(script).contains("\nseconds=120\n");
        Files.writeString(hook, script.replace("\nseconds=120\n", "\nseconds=1\n"));
        try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            deaf.bind(UnixDomainSocketAddress.of(service.socket()));

            Command started = call("start begin", overlay);
            Command released = call("release end", overlay);

            assertThat(started.exitCode()).isEqualTo(1);
            assertThat(started.line()).contains("did not answer within 1 s");
            assertThat(released.exitCode()).isZero();
            assertThat(released.line()).contains("not given back yet");
        }
    }

    private Command call(String moment, Path disk) throws IOException {
        return run(VM, moment, xml(disk));
    }

    private static byte[] xml(Path disk) {
        return """
                <domain type='kvm' id='1'>
                  <name>web1</name>
                  <os><type arch='x86_64' machine='q35'>hvm</type></os>
                  <devices>
                    <disk type='file' device='disk'>
                      <driver name='qemu' type='qcow2'/>
                      <source file='%s'/>
                      <target dev='vda' bus='virtio'/>
                    </disk>
                  </devices>
                  <seclabel type='dynamic' model='selinux' relabel='yes'>
                    <label>system_u:system_r:svirt_t:%s</label>
                    <imagelabel>system_u:object_r:svirt_image_t:%s</imagelabel>
                  </seclabel>
                </domain>
                """.formatted(disk, LEVEL, LEVEL).getBytes(StandardCharsets.UTF_8);
    }

    private Command run(String vm, String moment, byte[] xml) throws IOException {
        String[] words = moment.split(" ", 2);
        return Command.run(
                Map.of("LABELER_SOCKET", service.socket().toString(), "LC_ALL", "C.UTF-8"),
                List.of(hook.toString(), vm, words[0], words[1], "-"),
                xml);
    }

    private static void assertSilent(Command ended) {
        assertThat(ended).isEqualTo(new Command(0, "", ""));
    }

    /** Turns the header extension "backing format" (0xE2792ACA) into an unknown one, which readers may skip. */
    private static byte[] withoutBackingFormat(byte[] image) {
        byte[] type = {(byte) 0xE2, 0x79, 0x2A, (byte) 0xCA};
        for (int i = 0; i < 4096; i++) {
            if (image[i] == type[0] && image[i + 1] == type[1] && image[i + 2] == type[2] && image[i + 3] == type[3]) {
                image[i] = 0x11;
                return image;
            }
        }
        throw new AssertionError("the overlay's header has no backing format");
    }
}
