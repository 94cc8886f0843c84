// A CSV in, a report out: rows counted, every column of numbers summed up.
import Papa from 'papaparse';

export default {
  async fetch(request) {
    if (request.method !== 'POST') {
      return new Response('POST a CSV file with a header line\n', { status: 405 });
    }
    const { data, errors, meta } = Papa.parse(await request.text(), {
      header: true,
      dynamicTyping: true,
      skipEmptyLines: true,
    });
    if (errors.length > 0 && data.length === 0) {
      return Response.json({ error: errors[0].message }, { status: 400 });
    }
    const columns = (meta.fields ?? []).map((name) => summary(name, data));
    return Response.json({ rows: data.length, columns, problems: errors.slice(0, 5) });
  },
};

function summary(name, rows) {
  const values = rows.map((row) => row[name]);
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length / 2) {
    return { name, kind: 'text', distinct: new Set(values).size };
  }
  const sum = numbers.reduce((total, value) => total + value, 0);
  return {
    name,
    kind: 'number',
    sum: round(sum),
    mean: round(sum / numbers.length),
    min: Math.min(...numbers),
    max: Math.max(...numbers),
  };
}

function round(value) {
  return Math.round(value * 100) / 100;
}
