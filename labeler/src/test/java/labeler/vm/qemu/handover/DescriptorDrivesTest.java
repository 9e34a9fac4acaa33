package labeler.vm.qemu.handover;

import static labeler.vm.qemu.handover.Rewrite.chain;
import static labeler.vm.qemu.handover.Rewrite.options;
import static labeler.vm.qemu.handover.Rewrite.plus;
import static labeler.vm.qemu.handover.Rewrite.sets;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import labeler.chain.Role;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.qemu.option.QemuCommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code -drive} and its short forms. DescriptorsIT shows what qemu does with the rewritten ones. */
class DescriptorDrivesTest {
    private static final ImageChain RAW = chain("-drive[0]", "/nfs/a", "raw");
    private static final ImageChain THREE =
            chain("-drive[0]", "/nfs/top", "qcow2", "/nfs/mid", "qcow2", "/nfs/base", "raw");

    @Test
    void without_a_passed_file_every_byte_stays() {
        byte[] odd = "file=/local/\u00ff,,x,format=raw,if=none,id=d,nocache".getBytes(StandardCharsets.ISO_8859_1);
        List<byte[]> argv = Stream.of("q", "--drive", "", "-S", "/local/image", "-hda", "/local/b,c")
                .map(argument -> argument.isEmpty() ? odd : argument.getBytes(StandardCharsets.UTF_8))
                .toList();

        RewriteResult rewriting = new DescriptorCommandLine(
                        QemuCommandLine.read(argv, HostPath.of("/")),
                        List.of(chain("-drive[0]", "/local/a", "raw")),
                        _ -> false,
                        Map.of())
                .rewriting();

        assertThat(rewriting).isInstanceOfSatisfying(RewriteResult.Rewritten.class, rewritten -> {
            assertThat(rewritten.argv()).containsExactlyElementsOf(argv);
            assertThat(rewritten.descriptors()).isEmpty();
        });
    }

    @Test
    void other_options_stay_as_they_are() {
        var rewritten = Rewrite.with(chain("-drive[1]", "/nfs/a", "raw"))
                .done("--drive", "format=raw,file=/local/b,,c", "-S", "-drive", "format=raw,file=/nfs/a", "-m", "64");

        assertThat(options(rewritten))
                .containsExactly(
                        "--drive",
                        "format=raw,file=/local/b,,c",
                        "-S",
                        "-drive",
                        "format=raw,file.driver=file,file.filename=/dev/fdset/1,file.auto-read-only=off",
                        "-m",
                        "64");
    }

    @Test
    void what_lies_below_is_written_down_inside_of_the_drive() {
        var rewritten = Rewrite.with(plus(THREE, "/nfs/top.data", "raw", Role.DATA_FILE, 0))
                .done("-drive", "if=virtio,file=/nfs/top,format=qcow2,id=d,discard=unmap");

        assertThat(options(rewritten).getLast())
                .isEqualTo("if=virtio,format=qcow2,id=d,discard=unmap"
                        + ",file.driver=file,file.filename=/dev/fdset/1,file.auto-read-only=off"
                        + ",backing.driver=qcow2,backing.file.driver=file,backing.file.filename=/dev/fdset/2"
                        + ",backing.backing.driver=raw,backing.backing.file.driver=file"
                        + ",backing.backing.file.filename=/dev/fdset/3"
                        + ",data-file.driver=file,data-file.filename=/dev/fdset/4,data-file.auto-read-only=off");
        assertThat(sets(rewritten))
                .containsExactly("1 rw /nfs/top", "2 r /nfs/mid", "3 r /nfs/base", "4 rw /nfs/top.data");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cache=none | direct rw",
                "cache=directsync | direct rw",
                "cache=off | direct rw",
                "cache=writeback | rw",
                "cache=unsafe | rw",
                "cache.direct=on | direct rw",
                "cache.direct=off | rw",
                "readonly=on | r",
                "readonly=on,cache=none | direct r",
                "media=cdrom | r",
                "snapshot=on | r",
                "snapshot=on,readonly=off | r",
                "snapshot=on,read-only=off,cache=none | direct r",
                "snapshot=off | rw",
            })
    void a_file_is_opened_as_the_settings_call_for(String settings, String how) {
        var rewritten = Rewrite.with(THREE).done("-drive", "file=/nfs/top,format=qcow2," + settings);

        assertThat(rewritten.descriptors())
                .hasSize(3)
                .allSatisfy(set -> assertThat(set.direct()).isEqualTo(how.startsWith("direct")));
        assertThat(rewritten.descriptors().getFirst().access())
                .isEqualTo(how.endsWith("rw") ? Access.READ_WRITE : Access.READ_ONLY);
        assertThat(rewritten.descriptors().getLast().access()).isEqualTo(Access.READ_ONLY);
    }

    @Test
    void cache_direct_of_the_file_alone_counts_for_the_file_alone() {
        var rewritten = Rewrite.with(THREE).done("-drive", "file=/nfs/top,format=qcow2,file.cache.direct=on");

        assertThat(sets(rewritten)).containsExactly("1 rw direct /nfs/top", "2 r /nfs/mid", "3 r /nfs/base");
    }

    @Test
    void snapshot_counts_for_every_drive_that_does_not_say_otherwise() {
        var rewritten = Rewrite.with(RAW, chain("-drive[1]", "/nfs/b", "raw"))
                .done("-drive", "format=raw,file=/nfs/a", "-snapshot", "-drive", "format=raw,file=/nfs/b,snapshot=off");

        assertThat(sets(rewritten)).containsExactly("1 r /nfs/a", "2 rw /nfs/b");
    }

    @Test
    void of_a_repeated_name_the_last_counts_and_none_is_left() {
        var rewritten = Rewrite.with(RAW)
                .done("-drive", "file=/nfs/x,format=raw,file=a,file.locking=off".replace("=a,", "=/nfs/a,"));

        assertThat(options(rewritten).getLast())
                .isEqualTo("format=raw,file.locking=off,file.driver=file,file.filename=/dev/fdset/1"
                        + ",file.auto-read-only=off");
    }

    @Test
    void a_relative_name_is_one_in_the_directory_of_the_process() {
        assertThat(sets(Rewrite.with(chain("-drive[0]", "/nfs/cwd/a", "raw")).done("-drive", "format=raw,file=a")))
                .containsExactly("1 rw /nfs/cwd/a");
    }

    @Test
    void a_file_prefix_is_no_part_of_the_name() {
        assertThat(sets(Rewrite.with(RAW).done("-drive", "format=raw,file=file:/nfs/a")))
                .containsExactly("1 rw /nfs/a");
    }

    @Test
    void a_file_driver_without_a_format_keeps_its_node() {
        assertThat(options(Rewrite.with(RAW).done("-drive", "driver=file,file=/nfs/a,if=none")))
                .containsExactly("-drive", "driver=file,if=none,filename=/dev/fdset/1,auto-read-only=off");
    }

    @Test
    void a_format_that_was_found_is_written_down() {
        assertThat(options(Rewrite.with(RAW).done("-drive", "file=/nfs/a")))
                .containsExactly(
                        "-drive", "file.driver=file,file.filename=/dev/fdset/1,file.auto-read-only=off,driver=raw");
    }

    @Test
    void a_local_image_keeps_its_name_and_gets_its_backing_file() {
        var rewritten = Rewrite.with(chain("-drive[0]", "/local/top", "qcow2", "/nfs/base", "qcow2", "/local/c", "raw"))
                .done("-drive", "file=/local/top,format=qcow2");

        assertThat(options(rewritten).getLast())
                .isEqualTo("file=/local/top,format=qcow2,backing.driver=qcow2,backing.file.driver=file"
                        + ",backing.file.filename=/dev/fdset/1,backing.backing.driver=raw"
                        + ",backing.backing.file.driver=file,backing.backing.file.filename=/local/c");
    }

    @Test
    void below_the_last_passed_file_and_its_own_backing_file_headers_count() {
        var rewritten = Rewrite.with(chain("-drive[0]", "/nfs/top", "qcow2", "/local/b,c", "qcow2", "/local/d", "raw"))
                .done("-drive", "file=/nfs/top,format=qcow2");

        assertThat(options(rewritten).getLast())
                .endsWith(",backing.driver=qcow2,backing.file.driver=file,backing.file.filename=/local/b,,c");
    }

    @Test
    void a_device_below_has_its_own_driver() {
        var rewritten = Rewrite.with(chain("-drive[0]", "/nfs/top", "qcow2", "/dev/vg/base", "raw"))
                .done("-drive", "file=/nfs/top,format=qcow2");

        assertThat(options(rewritten).getLast())
                .endsWith(",backing.driver=raw,backing.file.driver=host_device,backing.file.filename=/dev/vg/base");
    }

    @Test
    void backing_options_of_the_user_stay_with_the_name_replaced() {
        var rewritten = Rewrite.with(THREE)
                .done(
                        "-drive",
                        "file=/nfs/top,format=qcow2,backing.driver=qcow2,backing.file.filename=/nfs/mid,"
                                + "backing.file.cache.direct=on");

        assertThat(options(rewritten).getLast())
                .isEqualTo("format=qcow2,backing.driver=qcow2,backing.file.cache.direct=on"
                        + ",file.driver=file,file.filename=/dev/fdset/1,file.auto-read-only=off"
                        + ",backing.file.driver=file,backing.file.filename=/dev/fdset/2"
                        + ",backing.backing.driver=raw,backing.backing.file.driver=file"
                        + ",backing.backing.file.filename=/dev/fdset/3");
        assertThat(sets(rewritten)).containsExactly("1 rw /nfs/top", "2 r direct /nfs/mid", "3 r /nfs/base");
    }

    @Test
    void a_backing_file_that_was_switched_off_stays_off() {
        var rewritten = Rewrite.with(chain("-drive[0]", "/nfs/top", "qcow2"))
                .done("-drive", "file=/nfs/top,format=qcow2,backing=");

        assertThat(options(rewritten).getLast()).startsWith("format=qcow2,backing=,file.driver=file");
    }

    @Test
    void a_json_name_stays_json_and_read_only_inside_of_it_does_not_count() {
        var rewritten = Rewrite.with(THREE)
                .done(
                        "-drive",
                        "if=none,file=json:{\"driver\":\"qcow2\",,\"read-only\":true,,"
                                + "\"file\":{\"driver\":\"file\",,\"filename\":\"/nfs/top\"}}");

        assertThat(options(rewritten).getLast())
                .isEqualTo("if=none,file=json:{\"driver\":\"qcow2\",,\"read-only\":true,,"
                        + "\"file\":{\"driver\":\"file\",,\"filename\":\"/dev/fdset/1\",,\"auto-read-only\":false},,"
                        + "\"backing\":{\"driver\":\"qcow2\",,\"file\":{\"driver\":\"file\",,"
                        + "\"filename\":\"/dev/fdset/2\"},,\"backing\":{\"driver\":\"raw\",,\"file\":{"
                        + "\"driver\":\"file\",,\"filename\":\"/dev/fdset/3\"}}}}");
        assertThat(sets(rewritten)).containsExactly("1 rw /nfs/top", "2 r /nfs/mid", "3 r /nfs/base");
    }

    @Test
    void auto_read_only_of_a_json_names_own_node_stands_beside_it_where_qemu_heeds_it() {
        assertThat(options(
                        Rewrite.with(RAW).done("-drive", "file=json:{\"driver\":\"file\",,\"filename\":\"/nfs/a\"}")))
                .containsExactly(
                        "-drive", "auto-read-only=off,file=json:{\"driver\":\"file\",,\"filename\":\"/dev/fdset/1\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-hda | -hda | index=0,media=disk | rw",
                "-hdb | -hdb | index=1,media=disk | rw",
                "-hdc | -hdc | index=2,media=disk | rw",
                "-hdd | -hdd | index=3,media=disk | rw",
                "--hdd | -hdd | index=3,media=disk | rw",
                "-cdrom | -cdrom | index=2,media=cdrom | r",
                "-fda | -fda | if=floppy,index=0 | rw",
                "-fdb | -fdb | if=floppy,index=1 | rw",
                "-mtdblock | -mtdblock[0] | if=mtd | rw",
                "-sd | -sd[0] | if=sd | rw",
                "-pflash | -pflash[0] | if=pflash | rw",
            })
    void a_short_form_becomes_the_drive_that_qemu_makes_of_it(
            String option, String origin, String settings, String mode) {
        var rewritten = Rewrite.with(chain(origin, "/nfs/a,b", "raw")).done(option, "/nfs/a,b");

        assertThat(options(rewritten))
                .containsExactly(
                        "-drive",
                        settings + ",file.driver=file,file.filename=/dev/fdset/1"
                                + (mode.equals("rw") ? ",file.auto-read-only=off" : "") + ",driver=raw");
        assertThat(sets(rewritten)).containsExactly("1 " + mode + " /nfs/a,b");
    }

    @Test
    void a_bare_argument_is_the_first_disk() {
        assertThat(options(Rewrite.with(chain("disk image /nfs/a", "/nfs/a", "raw"))
                        .done("-S", "/nfs/a")))
                .containsExactly(
                        "-S",
                        "-drive",
                        "index=0,media=disk,file.driver=file,file.filename=/dev/fdset/1,file.auto-read-only=off"
                                + ",driver=raw");
    }

    @Test
    void extents_and_unread_headers_are_refused_by_name() {
        var extents = Rewrite.with(plus(chain("-drive[0]", "/local/top", "vmdk"), "/nfs/s001", "raw", Role.EXTENT, 0))
                .refused("-drive", "file=/local/top,format=vmdk");
        var unread = Rewrite.with().refused("-drive", "file=/nfs/top,format=qcow2");

        assertThat(extents.files())
                .containsExactly(new HandoverObstacle(
                        new labeler.vm.Origin("-drive[0]"),
                        HostPath.of("/local/top"),
                        HandoverObstacle.Obstacle.EXTENTS));
        assertThat(unread.files()).singleElement().satisfies(file -> {
            assertThat(file.obstacle()).isEqualTo(HandoverObstacle.Obstacle.HEADER_NOT_READ);
            assertThat(file.problem().kind()).isEqualTo(Problem.Kind.LABELS_UNAVAILABLE);
        });
    }

    @Test
    void extents_of_a_backing_file_are_refused_too() {
        var refused = Rewrite.with(plus(
                        chain("-drive[0]", "/nfs/top", "qcow2", "/nfs/base", "vmdk"),
                        "/nfs/s001",
                        "raw",
                        Role.EXTENT,
                        1))
                .refused("-drive", "file=/nfs/top,format=qcow2");

        assertThat(refused.files()).extracting(HandoverObstacle::path).containsExactly(HostPath.of("/nfs/base"));
    }

    @Test
    void a_chain_too_deep_for_one_argument_is_refused() {
        var refused = Rewrite.with(chain("-drive[0]", layers(150))).refused("-drive", "file=/nfs/0,format=qcow2");

        assertThat(refused.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.TOO_MANY));
    }

    @Test
    void chains_that_fit_one_by_one_and_not_together_are_refused() {
        ImageChain[] chains = IntStream.range(0, 50)
                .mapToObj(i -> chain("-drive[" + i + "]", layers(100)))
                .toArray(ImageChain[]::new);
        String[] options = IntStream.range(0, 50)
                .boxed()
                .flatMap(i -> Stream.of("-drive", "file=/nfs/0,format=qcow2"))
                .toArray(String[]::new);

        Rewrite.with(chains[0]).done(Arrays.copyOf(options, 2));
        var refused = Rewrite.with(chains).refused(options);

        assertThat(refused.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.TOO_MANY);
            assertThat(problem.message()).contains("the command line would be longer");
        });
    }

    private static String[] layers(int depth) {
        return IntStream.range(0, depth)
                .boxed()
                .flatMap(i -> Stream.of("/nfs/" + i, "qcow2"))
                .toArray(String[]::new);
    }

    @Test
    void a_definition_with_a_problem_is_not_rewritten() {
        assertThat(Rewrite.with()
                        .refused("-drive", "file=/nfs/a,format=parallels2")
                        .problems())
                .isNotEmpty();
    }
}
