package labeler.json;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;

/** A record as an object: its components in order, each as the member of its name, or of the one it is given. */
final class RecordForm implements Form.OfElement<Record> {
    /** The value of a missing member, by the type of the component. */
    private static final Map<Class<?>, Object> MISSING =
            Map.of(boolean.class, false, List.class, List.of(), Set.class, Set.of());

    private final Constructor<?> constructor;
    private final List<Component> components;

    /** A component. The form of an {@code Optional} is that of its value. */
    private record Component(
            String name, Class<?> type, Method accessor, Form<Object> form, boolean isOptional, boolean isLeftOut) {
        Object of(Record record) {
            try {
                return accessor.invoke(record);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("an accessor that cannot be called: " + accessor, e);
            }
        }

        void put(ObjectBuilder object, Object value) {
            Optional<?> present = value instanceof Optional<?> optional ? optional : Optional.of(value);
            if (isLeftOut && (present.isEmpty() || value.equals(List.of()) || value.equals(false))) {
                return;
            }
            if (present.isPresent()) {
                form.put(object, name, present.get());
            } else {
                form.putNothing(object, name);
            }
        }

        /** Whether one of its possible members is there. */
        boolean isIn(ObjectReader from) {
            return from.take(name).isPresent()
                    || (form instanceof OfBytes<?>
                            && from.take(name + OfBytes.SUFFIX).isPresent());
        }

        /** The value; empty if it is missing and required. */
        Optional<Object> take(ObjectReader from) {
            Optional<Object> taken = form.take(from, name);
            if (isOptional) {
                return Optional.of(taken);
            }
            return taken.isPresent() ? taken : from.orWrong(Optional.ofNullable(MISSING.get(type)), name, "there");
        }
    }

    /** @param forms the forms of the components' types */
    RecordForm(Class<?> type, Function<Type, Form<?>> forms) {
        RecordComponent[] declared = type.getRecordComponents();
        Class<?>[] types = new Class<?>[declared.length];
        List<Component> all = new ArrayList<>(declared.length);
        for (int i = 0; i < declared.length; i++) {
            types[i] = declared[i].getType();
            all.add(component(declared[i], forms));
        }
        components = List.copyOf(all);
        try {
            constructor = type.getDeclaredConstructor(types);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("every record has this constructor: " + type, e);
        }
    }

    @SuppressWarnings("unchecked") // Values are put and taken by the form of the component's type.
    private static Component component(RecordComponent declared, Function<Type, Form<?>> forms) {
        boolean isOptional = declared.getType() == Optional.class;
        Type type = isOptional
                ? ((ParameterizedType) declared.getGenericType()).getActualTypeArguments()[0]
                : declared.getGenericType();
        Form<?> form = forms.apply(type);
        boolean isInlined = declared.isAnnotationPresent(Inlined.class);
        return new Component(
                Optional.ofNullable(declared.getAnnotation(MemberName.class))
                        .map(MemberName::value)
                        .orElseGet(declared::getName),
                declared.getType(),
                declared.getAccessor(),
                (Form<Object>) (isInlined ? new OfInlined((RecordForm) form, isOptional) : form),
                isOptional,
                declared.isAnnotationPresent(LeftOut.class));
    }

    @Override
    public JsonObject write(Record value) {
        ObjectBuilder object = Json.object();
        putMembers(object, value);
        return object.build();
    }

    private void putMembers(ObjectBuilder object, Record record) {
        for (Component component : components) {
            component.put(object, component.of(record));
        }
    }

    /** The lists of a record that has nothing else, each element written on demand. */
    JsonLists lists(Record record) {
        JsonLists lists = JsonLists.none();
        for (Component component : components) {
            Form<?> form = component.form();
            if (form instanceof OfList<?> list) {
                lists = lists.and(component.name, list.elements(component.of(record)));
            }
        }
        return lists;
    }

    @Override
    public Optional<Record> read(Json json, ObjectReader from, String name) {
        return json instanceof JsonObject object
                ? read(from.inside(name, object))
                : from.orWrong(Optional.empty(), name, "an object");
    }

    Optional<Record> read(ObjectReader from) {
        Optional<Record> record = takeMembers(from);
        from.end();
        return record;
    }

    private Optional<Record> takeMembers(ObjectReader from) {
        List<Object> values = new ArrayList<>(components.size());
        for (Component component : components) {
            component.take(from).ifPresent(values::add);
        }
        if (from.fault().isPresent()) {
            return Optional.empty();
        }
        try {
            Record record = (Record) constructor.newInstance(values.toArray());
            if (record instanceof Checked checked) {
                checked.fault().ifPresent(from::fault);
            }
            return Optional.of(record);
        } catch (ReflectiveOperationException e) {
            from.fault("its values do not go together");
            return Optional.empty();
        }
    }

    /** The members of an inlined record. An optional one is there if any of its members is. */
    private record OfInlined(RecordForm inner, boolean isOptional) implements Form<Record> {
        @Override
        public void put(ObjectBuilder object, String name, Record value) {
            inner.putMembers(object, value);
        }

        @Override
        public void putNothing(ObjectBuilder object, String name) {
            inner.components.forEach(component -> component.form().putNothing(object, component.name));
        }

        @Override
        public Optional<Record> take(ObjectReader from, String name) {
            return isOptional && inner.components.stream().noneMatch(component -> component.isIn(from))
                    ? Optional.empty()
                    : inner.takeMembers(from);
        }
    }
}
