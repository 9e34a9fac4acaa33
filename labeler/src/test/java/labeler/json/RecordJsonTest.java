package labeler.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import org.junit.jupiter.api.Test;

class RecordJsonTest {
    private static final byte[] TEXT = "größe".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NO_TEXT = {'/', (byte) 0xff};

    private final RecordJson records = new RecordJson();

    enum Colour {
        BLUE,
        RED;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    record Plain(String text, int small, long large, boolean yes, Colour colour) {}

    record Perhaps(
            Optional<String> shown,
            @LeftOut Optional<String> left,
            @LeftOut List<String> all) {}

    record Bytes(Optional<byte[]> name, List<byte[]> argv) {}

    record Lists(List<Plain> plain, Set<Colour> colours, List<List<Integer>> numbers) {}

    record Point(int x, int y) {}

    record Place(
            String name,
            @Inlined Point point,
            @LeftOut @Inlined Optional<Perhaps> more) {}

    record Positive(int number) implements Checked {
        @Override
        public Optional<String> fault() {
            return number > 0 ? Optional.empty() : Optional.of("\"number\" must be positive");
        }
    }

    record Picky(int number) {
        Picky {
            if (number < 0) {
                throw new IllegalArgumentException("a secret of the inside");
            }
        }
    }

    record Unknown(Thread thread) {}

    private String text(Record record) {
        return JsonWriter.compact(records.write(record));
    }

    private <T extends Record> RecordJson.Result<T> read(Class<T> type, String json) {
        return records.read(type, ((JsonReader.Value) new JsonReader().read(json)).json(), true);
    }

    private <T extends Record> T understood(Class<T> type, String json) {
        return ((Understood<T>) read(type, json)).value();
    }

    private <T extends Record> String fault(Class<T> type, String json) {
        return ((NotUnderstood<T>) read(type, json)).message();
    }

    @Test
    void a_component_is_the_member_of_its_name() {
        Plain plain = new Plain("ö\n", -1, Long.MIN_VALUE, true, Colour.RED);

        assertThat(text(plain))
                .isEqualTo("{\"text\":\"ö\\n\",\"small\":-1,\"large\":-9223372036854775808,\"yes\":true,"
                        + "\"colour\":\"red\"}");
        assertThat(understood(Plain.class, text(plain))).isEqualTo(plain);
    }

    @Test
    void each_fault_is_told_with_the_name_of_the_member() {
        String rest = ",\"small\":1,\"large\":1,\"yes\":true,\"colour\":\"red\"}";
        assertThat(fault(Plain.class, "{\"text\":1" + rest)).isEqualTo("\"text\" must be a string without NUL");
        assertThat(fault(Plain.class, "{\"text\":\"\\u0000\"" + rest))
                .isEqualTo("\"text\" must be a string without NUL");
        assertThat(fault(Plain.class, "{\"text\":null" + rest)).isEqualTo("\"text\" must be there");
        assertThat(fault(Plain.class, "{\"text\":\"\",\"small\":2147483648,\"large\":1,\"colour\":\"red\"}"))
                .isEqualTo("\"small\" must be a whole number");
        assertThat(fault(Plain.class, "{\"text\":\"\",\"small\":1,\"large\":1e3,\"colour\":\"red\"}"))
                .isEqualTo("\"large\" must be a whole number");
        assertThat(fault(Plain.class, "{\"text\":\"\",\"small\":1,\"large\":1,\"yes\":\"no\",\"colour\":\"red\"}"))
                .isEqualTo("\"yes\" must be true or false");
        assertThat(fault(Plain.class, "{\"text\":\"\",\"small\":1,\"large\":1,\"colour\":\"RED\"}"))
                .isEqualTo("\"colour\" must be \"blue\" or \"red\"");
        assertThat(fault(Lists.class, "{\"plain\":[{\"text\":7" + rest + "]}"))
                .isEqualTo("\"plain.text\" must be a string without NUL");
        assertThat(fault(Lists.class, "{\"plain\":{}}")).isEqualTo("\"plain\" must be a list");
    }

    @Test
    void a_missing_boolean_is_false_and_a_missing_list_is_empty() {
        assertThat(understood(Plain.class, "{\"text\":\"\",\"small\":1,\"large\":1,\"colour\":\"red\"}")
                        .yes())
                .isFalse();
        assertThat(understood(Lists.class, "{}")).isEqualTo(new Lists(List.of(), Set.of(), List.of()));
    }

    @Test
    void what_is_empty_is_null_or_left_out_and_read_either_way() {
        Perhaps empty = new Perhaps(Optional.empty(), Optional.empty(), List.of());

        assertThat(text(empty)).isEqualTo("{\"shown\":null}");
        assertThat(understood(Perhaps.class, "{\"left\":null}")).isEqualTo(empty);
        assertThat(understood(Perhaps.class, "{\"shown\":\"a\",\"left\":\"b\",\"all\":[\"c\"]}"))
                .isEqualTo(new Perhaps(Optional.of("a"), Optional.of("b"), List.of("c")));
    }

    @Test
    void a_set_is_written_in_its_natural_order() {
        Lists lists = new Lists(List.of(), Set.of(Colour.RED, Colour.BLUE), List.of(List.of(1, 2), List.of()));

        assertThat(text(lists)).isEqualTo("{\"plain\":[],\"colours\":[\"blue\",\"red\"],\"numbers\":[[1,2],[]]}");
        assertThat(understood(Lists.class, text(lists))).isEqualTo(lists);
    }

    @Test
    void members_of_an_inlined_record_stand_among_the_others() {
        Place place = new Place("a", new Point(1, 2), Optional.empty());
        Place more = new Place(
                "a", new Point(1, 2), Optional.of(new Perhaps(Optional.empty(), Optional.of("b"), List.of())));

        assertThat(text(place)).isEqualTo("{\"name\":\"a\",\"x\":1,\"y\":2}");
        assertThat(text(more)).isEqualTo("{\"name\":\"a\",\"x\":1,\"y\":2,\"shown\":null,\"left\":\"b\"}");
        assertThat(understood(Place.class, text(place))).isEqualTo(place);
        assertThat(understood(Place.class, text(more))).isEqualTo(more);
        assertThat(fault(Place.class, "{\"name\":\"a\",\"x\":1}")).isEqualTo("\"y\" must be there");
    }

    @Test
    void bytes_are_text_or_base64_and_a_list_of_them_is_one_of_these_as_a_whole() {
        assertThat(text(new Bytes(Optional.of(TEXT), List.of(TEXT, TEXT))))
                .isEqualTo("{\"name\":\"größe\",\"argv\":[\"größe\",\"größe\"]}");
        assertThat(text(new Bytes(Optional.of(NO_TEXT), List.of(TEXT, NO_TEXT))))
                .isEqualTo("{\"nameBase64\":\"L/8=\",\"argvBase64\":[\"Z3LDtsOfZQ==\",\"L/8=\"]}");
        for (Bytes bytes : List.of(
                new Bytes(Optional.of(TEXT), List.of(new byte[0])),
                new Bytes(Optional.of(NO_TEXT), List.of(TEXT, NO_TEXT)))) {
            assertThat(understood(Bytes.class, text(bytes)))
                    .usingRecursiveComparison()
                    .isEqualTo(bytes);
        }
        assertThat(fault(Bytes.class, "{\"nameBase64\":\"==\"}"))
                .isEqualTo("\"nameBase64\" must be a string in base64");
        assertThat(fault(Bytes.class, "{\"name\":\"a\\u0000\"}")).isEqualTo("\"name\" must be a string without NUL");
        assertThat(fault(Bytes.class, "{\"name\":\"a\",\"nameBase64\":\"\"}"))
                .isEqualTo("\"name\" must be there once, plain or in base64");
    }

    @Test
    void others_are_refused_or_passed_over() {
        assertThat(fault(Point.class, "{\"x\":1,\"y\":2,\"z\\u001b\":3}"))
                .isEqualTo("it has x, y, and no other member");
        assertThat(records.read(
                        Point.class,
                        Json.object().put("x", 1).put("y", 2).put("z", 3).build(),
                        false))
                .isEqualTo(new Understood<>(new Point(1, 2)));
    }

    @Test
    void values_that_do_not_go_together_are_told_and_not_thrown() {
        assertThat(fault(Positive.class, "{\"number\":0}")).isEqualTo("\"number\" must be positive");
        assertThat(fault(Picky.class, "{\"number\":-1}")).isEqualTo("its values do not go together");
        assertThat(fault(Point.class, "[]")).isEqualTo("it must be a JSON object");
    }

    @Test
    void a_type_that_nobody_told_of_is_a_fault_of_the_program() {
        assertThatThrownBy(() -> text(new Unknown(Thread.currentThread()))).hasMessageContaining("Thread");
    }
}
