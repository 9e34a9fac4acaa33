package labeler.vm.qemu.block;

import static labeler.vm.qemu.option.ParsedOptions.problems;
import static labeler.vm.qemu.option.ParsedOptions.uses;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.problem.Problem;
import labeler.vm.qemu.option.ParsedOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrivesTest {
    @Test
    void a_drive_with_a_format_is_that_format() {
        assertThat(uses("-drive", "file=a.qcow2,format=qcow2,if=virtio")).containsExactly("disk rw /vm/a.qcow2 qcow2");
    }

    @Test
    void a_drive_without_a_format_is_undeclared() {
        assertThat(uses("-drive", "file=/x/a.img")).containsExactly("disk rw /x/a.img undeclared");
    }

    @Test
    void a_double_comma_is_a_comma_of_the_name() {
        assertThat(uses("-drive", "file=a,,b.img,format=raw")).containsExactly("disk rw /vm/a,b.img raw alone");
    }

    @Test
    void the_last_of_two_equal_keys_counts() {
        assertThat(uses("-drive", "file=a,file=b,format=raw")).containsExactly("disk rw /vm/b raw alone");
    }

    @Test
    void readonly_may_stand_alone_or_in_either_spelling() {
        assertThat(uses("-drive", "file=a,format=raw,readonly")).containsExactly("disk ro /vm/a raw alone");
        assertThat(uses("-drive", "file=a,format=raw,readonly=on")).containsExactly("disk ro /vm/a raw alone");
        assertThat(uses("-drive", "file=a,format=raw,read-only=on")).containsExactly("disk ro /vm/a raw alone");
        assertThat(uses("-drive", "file=a,format=raw,readonly=off")).containsExactly("disk rw /vm/a raw alone");
    }

    @Test
    void a_cdrom_is_read_only() {
        assertThat(uses("-drive", "file=a.iso,media=cdrom,format=raw")).containsExactly("cdrom ro /vm/a.iso raw alone");
        assertThat(uses("-cdrom", "a.iso")).containsExactly("cdrom ro /vm/a.iso undeclared");
        assertThat(uses("-drive", "file=a.iso,media=cdrom,format=raw,read-only=off"))
                .containsExactly("cdrom ro /vm/a.iso raw alone");
    }

    @Test
    void the_short_forms_take_the_whole_argument_for_a_name() {
        assertThat(uses("-hda", "a,format=qcow2")).containsExactly("disk rw /vm/a,format=qcow2 undeclared");
        assertThat(uses("-fda", "f")).containsExactly("floppy rw /vm/f undeclared");
        assertThat(uses("-pflash", "v")).containsExactly("nvram rw /vm/v undeclared");
        assertThat(uses("a.img")).containsExactly("disk rw /vm/a.img undeclared");
    }

    @Test
    void an_empty_drive_names_nothing() {
        assertThat(uses("-drive", "if=none,id=cd,media=cdrom")).isEmpty();
    }

    @Test
    void a_snapshot_only_reads_whatever_else_is_said() {
        assertThat(
                        uses(
                                "-drive",
                                "driver=quorum,vote-threshold=1,children.0.driver=file,children.0.filename=a,snapshot=on,read-only=off"))
                .containsExactly("disk ro /vm/a raw alone");
    }

    @Test
    void a_snapshot_leaves_the_image_read_only() {
        assertThat(uses("-drive", "file=a,format=raw,snapshot=on"))
                .containsExactly("made disk /var/tmp", "disk ro /vm/a raw alone");
        assertThat(uses("-snapshot", "-hda", "a")).containsExactly("made disk /var/tmp", "disk ro /vm/a undeclared");
        assertThat(uses("-snapshot", "-drive", "file=a,format=raw,snapshot=off"))
                .containsExactly("disk rw /vm/a raw alone");
    }

    @Test
    void dotted_keys_name_files_as_well() {
        assertThat(uses("-drive", "driver=qcow2,file.driver=file,file.filename=a"))
                .containsExactly("disk rw /vm/a qcow2");
        assertThat(uses("-drive", "driver=qcow2,file.filename=a:b")).containsExactly("disk rw /vm/a:b qcow2");
        assertThat(uses("-drive", "file=a,format=qcow2,backing.driver=raw,backing.file.filename=b"))
                .containsExactly("disk rw /vm/a qcow2 on (ro /vm/b raw alone)");
        assertThat(uses("-drive", "file=a,format=qcow2,backing=")).containsExactly("disk rw /vm/a qcow2 alone");
        assertThat(uses("-drive", "file=a,format=qcow2,data-file.driver=file,data-file.filename=d"))
                .containsExactly("disk rw /vm/a qcow2 data /vm/d");
    }

    @Test
    void a_json_name_is_read_as_options() {
        assertThat(uses(
                        "-drive",
                        "file=json:{\"driver\":\"qcow2\",,\"file\":{\"driver\":\"file\",,\"filename\":\"a\"}}"))
                .containsExactly("disk rw /vm/a qcow2");
    }

    /** qemu makes nodes of them, with files that no node here would have. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"a\"},"
                        + "\"backing.driver\":\"raw\",\"backing.file.filename\":\"b\"}",
                "{\"driver\":\"raw\",\"file\":{\"driver\":\"nbd\",\"server.type\":\"unix\",\"server.path\":\"s\"}}",
                "{\"driver\":\"quorum\",\"vote-threshold\":1,\"children\":[{\"driver\":\"raw\",\"file.filename\":\"a\"}]}"
            })
    void dots_in_the_keys_of_a_json_name_are_not_understood(String json) {
        assertThat(problems("-drive", "file=json:" + json.replace(",", ",,")))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void what_a_json_name_says_of_the_whole_disk_does_not_count_as_qemu_sets_that_itself() {
        String json = "file=json:{\"driver\":\"raw\",,\"read-only\":true,,\"file\":{\"driver\":\"file\",,"
                + "\"filename\":\"a\"}}";

        assertThat(uses("-drive", json)).containsExactly("disk rw /vm/a raw alone");
        assertThat(uses("-drive", json + ",read-only=on")).containsExactly("disk ro /vm/a raw alone");
    }

    @Test
    void a_name_with_a_protocol_is_no_file() {
        assertThat(ParsedOptions.parse("-drive", "file=nbd:localhost:10809,format=raw")
                        .external())
                .hasSize(1);
        assertThat(problems("-drive", "file=nbd:localhost:10809,format=raw")).isEmpty();
        assertThat(problems("-drive", "file=nbd:localhost:10809,format=qcow2"))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems("-hda", "odd:name")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void file_before_a_name_is_taken_off() {
        assertThat(uses("-drive", "file=file:a:b,format=raw")).containsExactly("disk rw /vm/./a:b raw alone");
        assertThat(uses("-hda", "./a:b")).containsExactly("disk rw /vm/./a:b undeclared");
    }

    @Test
    void a_format_that_is_not_understood_is_refused() {
        assertThat(problems("-drive", "file=a,format=nonsense")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void a_name_that_differs_between_processes_is_refused() {
        assertThat(problems("-hda", "/dev/fdset/1")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems("-hda", "/proc//./self/fd/3")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems("-serial", "file:/dev/stdout")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    /** Ceph's library takes any of its settings from the name. */
    @Test
    void the_settings_of_a_disk_of_ceph_are_read_for_files() {
        assertThat(uses("-drive", "file=rbd:p/i@s:id=a:key=AQ==:mon_host=h\\:6789:auth_supported=cephx,format=raw"))
                .containsExactly("perhaps configuration read-only /etc/ceph/ceph.conf");
        assertThat(uses("-drive", "file=rbd:p/i:id=a:keyring=/k:conf=/c,format=raw"))
                .containsExactly("secret read-only /k", "configuration read-only /c");
        assertThat(uses("-drive", "file=rbd:p/i:keyfile=k,format=raw")).contains("secret read-only /vm/k");
        for (String setting : List.of(
                "log_file=/l",
                "log-file=/l",
                "admin_socket=/s",
                "keyring=/k$cluster",
                "keyring=/k;/l",
                "run_dir=/r",
                "id",
                "id:keyring=/k")) {
            assertThat(problems("-drive", "file=rbd:p/i:" + setting + ",format=raw"))
                    .as(setting)
                    .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-drive file=ssh://u@h/x.img,format=raw",
                "-drive driver=raw,file.driver=ssh,file.path=/x.img,file.server.host=h,file.server.port=22",
                "-drive"
                        + " file=json:{\"driver\":\"raw\",,\"file\":{\"driver\":\"ssh\",,\"path\":\"/x\",,\"server\":{\"host\":\"h\",,\"port\":\"22\"}}}",
                "-blockdev driver=ssh,node-name=n,path=/x.img,server.host=h,server.port=22,host-key-check.mode=none"
            })
    void a_disk_of_ssh_has_the_settings_that_its_library_reads_by_itself(String line) {
        assertThat(uses(line.split(" ", 2)))
                .containsExactly(
                        "perhaps configuration read-only /etc/ssh/ssh_config",
                        "perhaps configuration read-only /etc/ssh/ssh_known_hosts");
    }

    @Test
    void a_name_of_a_network_disk_has_no_more_of_this_host_beside_it() {
        assertThat(problems("-drive", "file=rbd:p/i,file.conf=/c,format=raw"))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(uses("-drive", "file=https://h/x,file.readahead=64k,file.timeout=10,format=raw"))
                .isEmpty();
    }

    @Test
    void options_of_a_network_disk_that_are_not_known_are_refused() {
        assertThat(problems("-drive", "driver=rbd,filename=rbd:p/i:keyring=/k"))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems("-drive", "driver=nbd,filename=nbd:unix:/s")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems(
                        "-drive",
                        "file=json:{\"driver\":\"rbd\",,\"pool\":\"p\",,\"image\":\"i\",,"
                                + "\"=keyvalue-pairs\":\"[\\\"keyring\\\",, \\\"/k\\\"]\"}"))
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }
}
