package labeler.vm.qemu.handover;

import static labeler.vm.qemu.handover.Rewrite.chain;
import static labeler.vm.qemu.handover.Rewrite.options;
import static labeler.vm.qemu.handover.Rewrite.plus;
import static labeler.vm.qemu.handover.Rewrite.sets;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.linux.HostPath;
import labeler.vm.ChainLayer;
import labeler.vm.ImageChain;
import labeler.vm.Origin;
import org.junit.jupiter.api.Test;

/** {@code -blockdev}, as JSON and as settings. */
class DescriptorBlockdevTest {
    private static final ImageChain THREE =
            chain("-blockdev[0]", "/nfs/top", "qcow2", "/nfs/mid", "qcow2", "/nfs/base", "raw");

    @Test
    void json_stays_json_with_the_lower_layers_inside() {
        var rewritten = Rewrite.with(plus(THREE, "/nfs/data", "raw", Role.DATA_FILE, 1))
                .done(
                        "-blockdev",
                        "{\"driver\":\"qcow2\",\"node-name\":\"t\",\"file\":{\"driver\":\"file\","
                                + "\"filename\":\"/nfs/top\",\"aio\":\"native\",\"cache\":{\"direct\":true}},"
                                + "\"l2-cache-size\":1048576}");

        assertThat(options(rewritten))
                .containsExactly(
                        "-blockdev",
                        "{\"driver\":\"qcow2\",\"node-name\":\"t\",\"file\":{\"driver\":\"file\","
                                + "\"filename\":\"/dev/fdset/1\",\"aio\":\"native\",\"cache\":{\"direct\":true},"
                                + "\"auto-read-only\":false},\"l2-cache-size\":1048576,"
                                + "\"backing\":{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\","
                                + "\"filename\":\"/dev/fdset/2\"},"
                                + "\"data-file\":{\"driver\":\"file\",\"filename\":\"/dev/fdset/3\"},"
                                + "\"backing\":{\"driver\":\"raw\",\"file\":{\"driver\":\"file\","
                                + "\"filename\":\"/dev/fdset/4\"}}}}");
        assertThat(sets(rewritten))
                .containsExactly("1 rw direct /nfs/top", "2 r /nfs/mid", "3 r /nfs/data", "4 r /nfs/base");
    }

    @Test
    void settings_stay_settings() {
        var rewritten = Rewrite.with(THREE)
                .done("-blockdev", "qcow2,node-name=t,cache.direct=on,file.driver=file,file.filename=/nfs/top");

        assertThat(options(rewritten))
                .containsExactly(
                        "-blockdev",
                        "driver=qcow2,node-name=t,cache.direct=on,file.driver=file,file.filename=/dev/fdset/1,"
                                + "file.auto-read-only=off,backing.driver=qcow2,backing.file.driver=file,"
                                + "backing.file.filename=/dev/fdset/2,backing.backing.driver=raw,"
                                + "backing.backing.file.driver=file,backing.backing.file.filename=/dev/fdset/3");
        assertThat(sets(rewritten))
                .containsExactly("1 rw direct /nfs/top", "2 r direct /nfs/mid", "3 r direct /nfs/base");
    }

    @Test
    void a_file_node_is_rewritten_in_its_own_option() {
        var rewritten = Rewrite.with(chain("-blockdev[1]", "/nfs/top", "qcow2", "/nfs/base", "raw"))
                .done(
                        "-blockdev",
                        "{\"driver\":\"file\",\"node-name\":\"f\",\"filename\":\"/nfs/top\","
                                + "\"cache\":{\"direct\":true}}",
                        "-blockdev",
                        "driver=qcow2,node-name=t,file=f");

        assertThat(options(rewritten))
                .containsExactly(
                        "-blockdev",
                        "{\"driver\":\"file\",\"node-name\":\"f\",\"filename\":\"/dev/fdset/1\","
                                + "\"cache\":{\"direct\":true},\"auto-read-only\":false}",
                        "-blockdev",
                        "driver=qcow2,node-name=t,file=f,backing.driver=raw,backing.file.driver=file,"
                                + "backing.file.filename=/dev/fdset/2");
        assertThat(sets(rewritten)).containsExactly("1 rw direct /nfs/top", "2 r /nfs/base");
    }

    @Test
    void nodes_of_the_users_own_get_descriptors_and_nothing_is_added_to_them() {
        var rewritten = Rewrite.with(chain("-blockdev[3]", "/nfs/top", "qcow2", "/nfs/base", "qcow2"))
                .done(
                        "-blockdev",
                        "{\"driver\":\"file\",\"node-name\":\"bf\",\"filename\":\"/nfs/base\","
                                + "\"auto-read-only\":true}",
                        "-blockdev",
                        "{\"driver\":\"qcow2\",\"node-name\":\"b\",\"file\":\"bf\",\"read-only\":true,"
                                + "\"backing\":null}",
                        "-blockdev",
                        "{\"driver\":\"file\",\"node-name\":\"tf\",\"filename\":\"/nfs/top\","
                                + "\"auto-read-only\":true,\"discard\":\"unmap\"}",
                        "-blockdev",
                        "{\"driver\":\"qcow2\",\"node-name\":\"t\",\"file\":\"tf\",\"read-only\":false,"
                                + "\"backing\":\"b\"}");

        assertThat(options(rewritten))
                .containsExactly(
                        "-blockdev",
                        "{\"driver\":\"file\",\"node-name\":\"bf\",\"filename\":\"/dev/fdset/2\","
                                + "\"auto-read-only\":true}",
                        "-blockdev",
                        "{\"driver\":\"qcow2\",\"node-name\":\"b\",\"file\":\"bf\",\"read-only\":true,"
                                + "\"backing\":null}",
                        "-blockdev",
                        "{\"driver\":\"file\",\"node-name\":\"tf\",\"filename\":\"/dev/fdset/1\","
                                + "\"auto-read-only\":false,\"discard\":\"unmap\"}",
                        "-blockdev",
                        "{\"driver\":\"qcow2\",\"node-name\":\"t\",\"file\":\"tf\",\"read-only\":false,"
                                + "\"backing\":\"b\"}");
        assertThat(sets(rewritten)).containsExactly("1 rw /nfs/top", "2 r /nfs/base");
    }

    @Test
    void a_file_node_with_a_reader_and_a_writer_is_opened_for_both() {
        var rewritten = Rewrite.with(chain("-blockdev[1]", "/nfs/a", "raw"), chain("-blockdev[2]", "/nfs/a", "raw"))
                .done(
                        "-blockdev",
                        "driver=file,node-name=f,filename=/nfs/a,auto-read-only=on",
                        "-blockdev",
                        "driver=raw,node-name=r,file=f,read-only=on",
                        "-blockdev",
                        "driver=raw,node-name=w,file=f");

        assertThat(sets(rewritten)).containsExactly("1 rw /nfs/a");
    }

    @Test
    void below_a_quorum_each_child_is_rewritten_at_its_place() {
        var rewritten = Rewrite.with(
                        chain("-blockdev[0]", "/nfs/a", "raw"),
                        chain("-blockdev[0]", "/nfs/b", "qcow2", "/nfs/c", "raw"))
                .done(
                        "-blockdev",
                        "{\"driver\":\"quorum\",\"node-name\":\"q\",\"vote-threshold\":1,\"children\":["
                                + "{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"/nfs/a\"}},"
                                + "{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"/nfs/b\"}}]}");

        assertThat(options(rewritten).getLast())
                .isEqualTo("{\"driver\":\"quorum\",\"node-name\":\"q\",\"vote-threshold\":1,\"children\":["
                        + "{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"/dev/fdset/1\","
                        + "\"auto-read-only\":false}},"
                        + "{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"/dev/fdset/2\","
                        + "\"auto-read-only\":false},\"backing\":{\"driver\":\"raw\",\"file\":{\"driver\":\"file\","
                        + "\"filename\":\"/dev/fdset/3\"}}}]}");
    }

    @Test
    void through_filters_the_image_is_found() {
        var rewritten = Rewrite.with(chain("-blockdev[0]", "/nfs/top", "qcow2", "/nfs/base", "raw"))
                .done(
                        "-blockdev",
                        "driver=qcow2,node-name=t,read-only=on,file.driver=throttle,file.throttle-group=g,"
                                + "file.file.driver=file,file.file.filename=/nfs/top");

        assertThat(options(rewritten).getLast())
                .contains("file.file.filename=/dev/fdset/1", "backing.file.filename=/dev/fdset/2");
        assertThat(sets(rewritten)).containsExactly("1 r /nfs/top", "2 r /nfs/base");
    }

    @Test
    void flash_that_the_machine_refers_to_stays_the_same_node() {
        var rewritten = Rewrite.with(chain("-blockdev[0]", "/nfs/code", "raw"))
                .done(
                        "-blockdev",
                        "driver=file,node-name=code,filename=/nfs/code,read-only=on",
                        "-M",
                        "q35,pflash0=code");

        assertThat(options(rewritten))
                .containsExactly(
                        "-blockdev",
                        "driver=file,node-name=code,read-only=on,filename=/dev/fdset/1",
                        "-M",
                        "q35,pflash0=code");
        assertThat(sets(rewritten)).containsExactly("1 r /nfs/code");
    }

    @Test
    void two_overlays_on_one_base_open_it_twice() {
        var rewritten = Rewrite.with(
                        chain("-blockdev[0]", "/nfs/a", "qcow2", "/nfs/base", "raw"),
                        chain("-drive[0]", "/nfs/b", "qcow2", "/nfs/base", "raw"))
                .done(
                        "-blockdev",
                        "driver=qcow2,node-name=a,file.driver=file,file.filename=/nfs/a",
                        "-drive",
                        "file=/nfs/b,format=qcow2");

        assertThat(sets(rewritten)).containsExactly("1 rw /nfs/a", "2 r /nfs/base", "3 rw /nfs/b", "4 r /nfs/base");
    }

    @Test
    void letters_beyond_ascii_survive_in_json() {
        var rewritten = Rewrite.with(chain("-blockdev[0]", "/nfs/top", "qcow2", "/local/bäse \"x\"", "raw"))
                .done(
                        "-blockdev",
                        "{\"driver\":\"qcow2\",\"node-name\":\"t\",\"file\":{\"driver\":\"file\","
                                + "\"filename\":\"/nfs/top\"}}");

        assertThat(options(rewritten).getLast()).contains("\"filename\":\"/local/bäse \\\"x\\\"\"");
    }

    @Test
    void a_local_name_that_json_cannot_express_is_refused() {
        HostPath local = HostPath.of(new byte[] {'/', (byte) 0xff});
        ImageChain chain = new ImageChain(
                new Origin("-blockdev[0]"),
                Rewrite.layer(
                        "/nfs/top",
                        "qcow2",
                        Role.IMAGE,
                        List.of(new ChainLayer(local, ImageFormat.RAW, Role.BACKING, false, List.of()))));
        String json = "{\"driver\":\"qcow2\",\"node-name\":\"t\",\"file\":{\"driver\":\"file\","
                + "\"filename\":\"/nfs/top\"}}";
        String settings = "driver=qcow2,node-name=t,file.driver=file,file.filename=/nfs/top";

        assertThat(Rewrite.with(chain).refused("-blockdev", json).files())
                .containsExactly(
                        new HandoverObstacle(new Origin("-blockdev[0]"), local, HandoverObstacle.Obstacle.NOT_UNICODE));
        assertThat(new String(
                        Rewrite.with(chain).done("-blockdev", settings).argv().getLast(), StandardCharsets.ISO_8859_1))
                .endsWith("backing.file.filename=/\u00ff");
    }

    @Test
    void a_configuration_beside_an_image_takes_no_descriptor() {
        var refused = Rewrite.with(chain("-blockdev[0]", "/local/a", "raw"))
                .refused(
                        "-blockdev",
                        "driver=blkdebug,node-name=t,config=/nfs/config,image.driver=file,image.filename=/local/a");

        assertThat(refused.files())
                .containsExactly(new HandoverObstacle(
                        new Origin("-blockdev[0]"),
                        HostPath.of("/nfs/config"),
                        HandoverObstacle.Obstacle.READ_BY_NAME_ALONE));
    }

    @Test
    void without_a_passed_file_nothing_changes_whatever_is_copied() {
        String json = "{\"driver\": \"raw\", \"node-name\":\"t\", \"file\":{\"driver\":\"file\",\"filename\":\"/a\"}}";

        var rewritten = new Rewrite(List.of(chain("-blockdev[0]", "/a", "raw")), Map.of())
                .copying("/nfs/x", "/run/x")
                .done("-blockdev", json);

        assertThat(options(rewritten)).containsExactly("-blockdev", json);
    }
}
