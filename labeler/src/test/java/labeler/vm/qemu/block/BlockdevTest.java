package labeler.vm.qemu.block;

import static labeler.vm.qemu.option.ParsedOptions.problems;
import static labeler.vm.qemu.option.ParsedOptions.uses;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.qemu.option.ParsedOptions;
import org.junit.jupiter.api.Test;

class BlockdevTest {
    private static final String FILE_A = "{\"node-name\":\"fa\",\"driver\":\"file\",\"filename\":\"a\"}";

    @Test
    void nodes_find_each_other_by_name() {
        assertThat(uses("-blockdev", FILE_A, "-blockdev", "{\"node-name\":\"a\",\"driver\":\"qcow2\",\"file\":\"fa\"}"))
                .containsExactly("disk rw /vm/a qcow2");
    }

    @Test
    void a_backing_node_is_the_backing_image() {
        assertThat(uses(
                        "-blockdev",
                        "{\"node-name\":\"bf\",\"driver\":\"file\",\"filename\":\"b\",\"read-only\":true}",
                        "-blockdev",
                        "{\"node-name\":\"b\",\"driver\":\"qcow2\",\"file\":\"bf\",\"backing\":null,\"read-only\":true}",
                        "-blockdev",
                        FILE_A,
                        "-blockdev",
                        "{\"node-name\":\"a\",\"driver\":\"qcow2\",\"file\":\"fa\",\"backing\":\"b\"}"))
                .containsExactly("disk rw /vm/a qcow2 on (ro /vm/b qcow2 alone)");
    }

    @Test
    void a_backing_file_that_qemu_opens_for_writing_is_told() {
        assertThat(uses(
                        "-blockdev",
                        "{\"node-name\":\"bf\",\"driver\":\"file\",\"filename\":\"b\"}",
                        "-blockdev",
                        "{\"node-name\":\"a\",\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"a\"},"
                                + "\"backing\":\"bf\"}"))
                .containsExactly("backing rw /vm/b raw alone", "disk rw /vm/a qcow2 on (ro /vm/b raw alone)");
    }

    @Test
    void a_file_node_that_opens_on_demand_follows_its_format_node() {
        String file = "{\"node-name\":\"f\",\"driver\":\"file\",\"filename\":\"a\",\"auto-read-only\":true}";
        assertThat(uses(
                        "-blockdev",
                        file,
                        "-blockdev",
                        "{\"node-name\":\"t\",\"driver\":\"raw\",\"file\":\"f\",\"read-only\":true}"))
                .containsExactly("disk ro /vm/a raw alone");
        assertThat(uses("-blockdev", file, "-blockdev", "{\"node-name\":\"t\",\"driver\":\"raw\",\"file\":\"f\"}"))
                .containsExactly("disk rw /vm/a raw alone");
    }

    @Test
    void a_data_file_may_be_a_node() {
        assertThat(uses(
                        "-blockdev",
                        FILE_A,
                        "-blockdev",
                        "{\"node-name\":\"d\",\"driver\":\"file\",\"filename\":\"/d\"}",
                        "-blockdev",
                        "{\"node-name\":\"a\",\"driver\":\"qcow2\",\"file\":\"fa\",\"data-file\":\"d\"}"))
                .containsExactly("disk rw /vm/a qcow2 data /d");
    }

    @Test
    void data_files_below_an_image_with_a_declared_one_are_relative_to_the_qemu_process() {
        String image = "{\"node-name\":\"a\",\"driver\":\"qcow2\",\"file\":\"fa\","
                + "\"data-file\":{\"driver\":\"file\",\"filename\":\"d\"}}";
        assertThat(ParsedOptions.parse("-blockdev", FILE_A, "-blockdev", image).uses())
                .singleElement()
                .extracting(use -> ((DeclaredUse.ImageUse) use).image().dataFile())
                .isEqualTo(new ImageRequest.DeclaredDataFile(
                        FileName.of("/vm/d"), new ImageRequest.ProcessDirectory(FileName.of("/vm/"))));
    }

    @Test
    void a_node_that_is_attached_to_nothing_is_opened_all_the_same() {
        assertThat(uses("-blockdev", FILE_A)).containsExactly("disk rw /vm/a raw alone");
    }

    @Test
    void key_value_settings_are_the_same_tree() {
        assertThat(uses("-blockdev", "qcow2,node-name=a,file.driver=file,file.filename=a,,b,read-only=on"))
                .containsExactly("disk ro /vm/a,b qcow2");
    }

    @Test
    void filters_are_looked_through() {
        assertThat(uses(
                        "-blockdev",
                        "driver=copy-on-read,node-name=c,file.driver=throttle,file.throttle-group=g,"
                                + "file.file.driver=qcow2,file.file.file.driver=file,file.file.file.filename=a"))
                .containsExactly("disk rw /vm/a qcow2");
    }

    @Test
    void each_child_of_a_quorum_is_an_image() {
        assertThat(uses(
                        "-blockdev",
                        "driver=quorum,node-name=q,vote-threshold=1,children.0.driver=file,children.0.filename=a,"
                                + "children.1.driver=file,children.1.filename=b"))
                .containsExactly("disk rw /vm/a raw alone", "disk rw /vm/b raw alone");
    }

    @Test
    void an_image_at_an_offset_has_a_header_that_is_not_read() {
        assertThat(problems(
                        "-blockdev",
                        "driver=qcow2,node-name=q,file.driver=raw,file.offset=65536,file.file.driver=file,"
                                + "file.file.filename=a"))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(uses("-blockdev", "driver=raw,node-name=q,offset=65536,size=512,file.driver=file,file.filename=a"))
                .containsExactly("disk rw /vm/a raw alone");
    }

    @Test
    void a_device_tells_what_its_node_is_for() {
        assertThat(uses("-blockdev", FILE_A, "-device", "ide-cd,drive=fa")).containsExactly("cdrom rw /vm/a raw alone");
        assertThat(uses("-blockdev", FILE_A, "-device", "virtio-blk-pci,drive=fa,share-rw=on"))
                .containsExactly("disk shareable rw /vm/a raw alone");
        assertThat(uses("-blockdev", FILE_A, "-M", "q35,pflash0=fa")).containsExactly("firmware rw /vm/a raw alone");
    }

    @Test
    void a_socket_of_an_nbd_server_is_a_file() {
        assertThat(uses("-blockdev", "driver=nbd,node-name=n,server.type=unix,server.path=/s,export=x"))
                .containsExactly("socket read-write /s");
    }

    @Test
    void a_remote_qcow2_needs_its_backing_said() {
        String nbd = "\"file\":{\"driver\":\"nbd\",\"server\":{\"type\":\"inet\",\"host\":\"h\",\"port\":\"1\"}}}";
        assertThat(problems("-blockdev", "{\"node-name\":\"n\",\"driver\":\"qcow2\"," + nbd))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems("-blockdev", "{\"node-name\":\"n\",\"driver\":\"qcow2\",\"backing\":null," + nbd))
                .isEmpty();
    }

    @Test
    void a_driver_that_is_not_known_is_refused() {
        assertThat(problems("-blockdev", "driver=new,node-name=n,file=/x"))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems("-blockdev", "driver=io_uring,node-name=n,filename=/x"))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void a_node_on_itself_ends() {
        assertThat(problems(
                        "-blockdev", "driver=raw,node-name=a,file=b",
                        "-blockdev", "driver=raw,node-name=b,file=a",
                        "-device", "virtio-blk,drive=a,share-rw=on"))
                .contains(Problem.Kind.TOO_DEEP);
    }

    /** libvirt writes each of them as two nodes, and allows as many. */
    @Test
    void a_chain_may_have_two_hundred_images() {
        assertThat(problems(chain(200))).isEmpty();
        assertThat(problems(chain(300))).contains(Problem.Kind.TOO_DEEP);
    }

    private static String[] chain(int images) {
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            arguments.addAll(List.of("-blockdev", "driver=file,node-name=f" + i + ",filename=/vm/" + i));
            String backing = i == 0 ? "" : ",backing=n" + (i - 1);
            arguments.addAll(List.of("-blockdev", "driver=qcow2,node-name=n" + i + ",file=f" + i + backing));
        }
        arguments.addAll(List.of("-device", "virtio-blk,drive=n" + (images - 1)));
        return arguments.toArray(new String[0]);
    }

    @Test
    void nodes_that_fan_out_end() {
        List<String> arguments = new ArrayList<>(List.of("-blockdev", FILE_A));
        String below = "fa";
        for (int i = 0; i < 60; i++) {
            arguments.add("-blockdev");
            arguments.add(
                    "driver=quorum,node-name=q" + i + ",vote-threshold=1,children.0=" + below + ",children.1=" + below);
            below = "q" + i;
        }
        assertThat(problems(arguments.toArray(new String[0]))).contains(Problem.Kind.TOO_DEEP);
    }

    @Test
    void a_remote_image_with_a_nodes_name_hides_no_node() {
        assertThat(uses(
                        "-blockdev",
                        FILE_A,
                        "-blockdev",
                        "{\"node-name\":\"r\",\"driver\":\"rbd\",\"pool\":\"p\",\"image\":\"fa\",\"conf\":\"/c\"}"))
                .containsExactlyInAnyOrder("disk rw /vm/a raw alone", "configuration read-only /c");
    }

    @Test
    void a_log_is_written_also_by_the_name_that_it_has_inside_of_a_node_that_only_reads() {
        assertThat(uses(
                        "-blockdev",
                        FILE_A,
                        "-blockdev",
                        "{\"node-name\":\"w\",\"driver\":\"blklogwrites\",\"read-only\":true,\"file\":\"fa\","
                                + "\"log\":{\"node-name\":\"l\",\"driver\":\"file\",\"filename\":\"log\"}}",
                        "-blockdev",
                        "{\"node-name\":\"t\",\"driver\":\"raw\",\"file\":\"l\"}"))
                .contains("disk rw /vm/log raw alone")
                .doesNotContain("disk ro /vm/log raw alone");
    }

    @Test
    void a_node_that_only_a_refused_one_names_is_told() {
        assertThat(ParsedOptions.uses(
                        ParsedOptions.parse("-blockdev", FILE_A, "-blockdev", "driver=new,node-name=n,file=fa")))
                .containsExactly("disk rw /vm/a raw alone");
    }

    @Test
    void a_remote_image_may_have_its_data_and_its_backing_here() {
        assertThat(uses(
                        "-blockdev",
                        "{\"node-name\":\"n\",\"driver\":\"qcow2\",\"file\":{\"driver\":\"gluster\",\"volume\":\"v\","
                                + "\"path\":\"p\",\"server\":[{\"type\":\"unix\",\"path\":\"/s\"}]},"
                                + "\"data-file\":{\"driver\":\"file\",\"filename\":\"/d\"},"
                                + "\"backing\":{\"driver\":\"file\",\"filename\":\"/b\"}}"))
                .containsExactlyInAnyOrder(
                        "socket read-write /s", "data-file rw /d raw alone", "backing ro /b raw alone");
    }

    /** qemu's parser takes them in either. */
    @Test
    void json_may_have_its_strings_in_single_quotes() {
        assertThat(uses("-blockdev", "{'driver':'file','node-name':'n','filename':'/a\"b'}"))
                .containsExactly("disk rw /a\"b raw alone");
        assertThat(uses("-blockdev", "{'driver':\"file\",'node-name':'n','filename':\"/it's\"}"))
                .containsExactly("disk rw /it's raw alone");
        assertThat(uses("-blockdev", "{'driver':'file','node-name':'n','filename':'/a\\'b\\u0041'}"))
                .containsExactly("disk rw /a'bA raw alone");
        assertThat(uses("-device", "{'driver':'virtio-net-pci','romfile':'/r'}"))
                .containsExactly("rom read-only /r");
        assertThat(uses("-drive", "file=json:{'driver':'raw',,'file':{'driver':'file',,'filename':'/a'}},if=none"))
                .containsExactly("disk rw /a raw alone");
        assertThat(problems("-blockdev", "{'driver':'file','node-name':'n','filename':'/a\"}"))
                .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
        assertThat(problems("-blockdev", "{'driver':'file','node-name':'n','filename':'/a'} x"))
                .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
    }

    @Test
    void a_drive_is_a_child_by_its_id() {
        assertThat(uses(
                        "-drive",
                        "if=none,id=a,file=/b.raw,format=raw",
                        "-drive",
                        "if=none,id=q,driver=raw,file.driver=throttle,file.throttle-group=tg0,file.file=a"))
                .containsOnly("disk rw /b.raw raw alone");
        assertThat(problems(
                        "-drive", "if=none,id=q,driver=raw,file=b", "-drive", "if=none,id=x,driver=raw,file.file=no"))
                .isNotEmpty();
    }
}
